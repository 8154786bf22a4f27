package dev.tutti.decoder.learning;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SessionLimit;
import dev.tutti.decoder.runtime.peer.Peers;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Fitting;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Model;
import dev.tutti.type.v1.Member;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * How ensembles during inference learn: from the steps that members take along the references of a
 * dataset, recorded as the fit runs.
 */
@ApplicationScoped
public class EnsembleFitting implements Fitting<LearnedEnsemble> {

  private final MethodCatalog<JointEnsemble> catalog;
  private final ModelPool pool;
  private final Peers peers;
  private final SessionLimit limit;
  private final ComputeThreads threads;

  EnsembleFitting(
      MethodCatalog<JointEnsemble> catalog,
      ModelPool pool,
      Peers peers,
      SessionLimit limit,
      ComputeThreads threads) {
    this.catalog = catalog;
    this.pool = pool;
    this.peers = peers;
    this.limit = limit;
    this.threads = threads;
  }

  @Override
  public List<FittedMethod<?, LearnedEnsemble, ?>> methods() {
    return JointEnsembleCatalog.FITTED;
  }

  @Override
  public void requireRoom(long queries) {
    RecordedReferences.requireRoom(queries);
  }

  /**
   * {@inheritDoc} Members that lack what the method needs of them are refused, and so are more than
   * there are sessions for.
   */
  @Override
  public Fit begin(FitRequest request, Dataset data) {
    List<String> members =
        request.parameters().members().isEmpty()
            ? data.getMembersList().stream().map(DatasetMember::getMember).toList()
            : request.parameters().members();
    var here = new ArrayList<Boolean>();
    Recipe.Builder recipe = Recipe.newBuilder().setMethod(request.method().name());
    for (String member : members) {
      Model model = pool.registered(member, "parameters.members");
      recipe.addMembers(
          Member.newBuilder().setModel(member).addAllCapabilities(model.getCapabilitiesList()));
      here.add(peers.isHere(model));
    }
    for (Violation lack : catalog.lacks(recipe.build())) {
      throw FitRequest.refused("members", lack.getDescription());
    }
    WalkedFit.sessions(request, here, limit);
    return new WalkedFit(request, members, pool, limit, threads);
  }
}
