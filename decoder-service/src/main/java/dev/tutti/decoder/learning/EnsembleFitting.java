package dev.tutti.decoder.learning;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.runtime.ComputeThreads;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.Dataset;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * How ensembles during inference learn: from the steps that members take along the references of a
 * dataset, recorded as the fit runs.
 */
@ApplicationScoped
public class EnsembleFitting implements Fitting<LearnedEnsemble> {

  private final ModelPool pool;
  private final ComputeThreads threads;

  EnsembleFitting(ModelPool pool, ComputeThreads threads) {
    this.pool = pool;
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

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    return new WalkedFit(request, data, pool, threads);
  }
}
