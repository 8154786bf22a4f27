package dev.tutti.router.members;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Model;
import dev.tutti.registry.v1.Runtime;
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

  private boolean reaches(String name, Set<Family> through, int depth) {
    if (models.containsKey(name)) {
      return models.get(name).getRuntime() == Runtime.RUNTIME_OPENAI;
    }
    Ensemble ensemble = ensembles.get(name);
    return ensemble != null
        && through.contains(ensemble.getFamily())
        && depth < RequestRules.MAX_DEPTH
        && ensemble.getMembersList().stream()
            .anyMatch(m -> reaches(RecipeRequest.name(m), through, depth + 1));
  }
}
