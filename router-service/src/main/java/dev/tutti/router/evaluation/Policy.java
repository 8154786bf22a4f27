package dev.tutti.router.evaluation;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** With which probability somebody else would have ranked each member first. */
@FunctionalInterface
public interface Policy {

  /**
   * Probabilities that sum to 1, some of them perhaps of members that could not be asked; empty
   * where nobody knows what the policy would have done there.
   */
  Optional<Map<String, Double>> probabilities(LoggedChoice decision);

  /**
   * Draws by fixed weights from those who can be asked; from all where none of these has any
   * weight.
   *
   * @param weights not negative, at least one above 0
   */
  static Policy weights(Map<String, Double> weights) {
    if (weights.values().stream().anyMatch(w -> !(w >= 0) || Double.isInfinite(w))
        || weights.values().stream().noneMatch(w -> w > 0)) {
      throw new IllegalArgumentException(
          "The weights are %s; they must be finite and not negative, and one of them above 0."
              .formatted(new TreeMap<>(weights)));
    }
    return decision -> {
      var able =
          decision.pool().members().stream()
              .map(Pool.Member::name)
              .filter(name -> weights.getOrDefault(name, 0.0) > 0)
              .collect(Collectors.toMap(name -> name, weights::get));
      return Optional.of(normalized(able.isEmpty() ? weights : able));
    };
  }

  /** Asks everybody who can be asked equally often. */
  static Policy uniform() {
    return decision ->
        Optional.of(
            normalized(
                decision.pool().members().stream()
                    .collect(Collectors.toMap(Pool.Member::name, _ -> 1.0))));
  }

  /** What the log's own policy did. */
  static Policy logging() {
    return decision -> Optional.of(decision.propensities());
  }

  /** What a version in shadow said. */
  static Policy shadow(String artifact, int version) {
    return decision ->
        decision
            .shadow()
            .filter(s -> s.artifact().equals(artifact) && s.version() == version)
            .map(LoggedChoice.Shadow::propensities);
  }

  /**
   * A router that looks at the embedding and the features of a text, and not at the text; it says
   * nothing about decisions whose query was not embedded.
   */
  static Policy router(Router router) {
    return decision ->
        decision.query().embedding().length == 0
            ? Optional.empty()
            : Optional.of(
                router
                    .route(decision.query(), decision.pool(), new SplittableRandom(0))
                    .ranked()
                    .stream()
                    .collect(Collectors.toMap(Route.Choice::member, Route.Choice::propensity)));
  }

  private static Map<String, Double> normalized(Map<String, Double> weights) {
    double sum = new TreeMap<>(weights).values().stream().mapToDouble(w -> w).sum();
    return weights.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue() / sum));
  }
}
