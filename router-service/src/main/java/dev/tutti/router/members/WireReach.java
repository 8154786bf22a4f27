package dev.tutti.router.members;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.type.v1.Member;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How far a request in its caller's own words reaches: to models behind endpoints. */
final class WireReach {

  /** One member's answer is theirs, word by word. */
  private static final Set<Family> CHOOSING = Set.of(Family.FAMILY_ROUTER);

  /** They work with complete answers, whatever these are made of. */
  private static final Set<Family> ASKING =
      Set.of(Family.FAMILY_ROUTER, Family.FAMILY_FUSION, Family.FAMILY_CASCADE);

  private final Map<String, Model> models;
  private final Map<String, Ensemble> ensembles;

  /** Among these, by name. */
  WireReach(Map<String, Model> models, Map<String, Ensemble> ensembles) {
    this.models = models;
    this.ensembles = ensembles;
  }

  /** Whether an endpoint's own answer may be the answer. */
  boolean isRelayed(String name) {
    return reaches(name, CHOOSING, 0);
  }

  /** Whether an endpoint may be asked, though its answer is read here. */
  boolean isAsked(String name) {
    return reaches(name, ASKING, 0);
  }

  /**
   * Who would be asked and does not take what is not interpreted, while others do: a routing
   * ensemble asks none of these.
   */
  List<String> leftOut(String name) {
    var names = new LinkedHashSet<String>();
    if (isAsked(name)) {
      leaveOut(name, names, 0);
    }
    return List.copyOf(names);
  }

  private void leaveOut(String name, Set<String> names, int depth) {
    if (!ensembles.containsKey(name)) {
      return;
    }
    Ensemble ensemble = ensembles.get(name);
    for (Member member : ensemble.getMembersList()) {
      String its = RecipeRequest.name(member);
      if (reaches(its, ASKING, depth + 1)) {
        leaveOut(its, names, depth + 1);
      } else if (ensemble.getFamily() != Family.FAMILY_ROUTER) {
        names.add(its);
      }
    }
  }

  private boolean reaches(String name, Set<Family> through, int depth) {
    if (models.containsKey(name)) {
      return models.get(name).getRuntime() == Runtime.RUNTIME_OPENAI;
    }
    Ensemble ensemble = ensembles.get(name);
    return ensemble != null
        && through.contains(ensemble.getFamily())
        && !ensemble.getRewrites()
        && depth < RequestRules.MAX_DEPTH
        && ensemble.getMembersList().stream()
            .anyMatch(m -> reaches(RecipeRequest.name(m), through, depth + 1));
  }
}
