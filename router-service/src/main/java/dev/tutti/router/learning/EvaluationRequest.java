package dev.tutti.router.learning;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.router.database.Instants;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which policy is to be evaluated on which decisions.
 *
 * @param ensemble whose decisions
 * @param from the first moment that counts; 30 days before {@code to} where it is empty
 * @param to the first that does not any more; now where it is empty
 * @param usdWeight quality that a US dollar is worth
 * @param policy the policy
 */
record EvaluationRequest(
    String ensemble,
    Optional<Instant> from,
    Optional<Instant> to,
    double usdWeight,
    PolicyOf policy) {

  private static final List<String> FIELDS =
      List.of("ensemble", "from", "to", "usd_weight", "policy");
  private static final List<String> POLICIES =
      List.of("member", "weights", "uniform", "shadow", "fitted");
  private static final int MOST_TEXT = 128;
  private static final double MOST_WEIGHT = 1e9;

  /** What is to be evaluated. */
  sealed interface PolicyOf {

    /** Draws by weight. */
    record Weights(Map<String, Double> weights) implements PolicyOf {}

    /** Asks everybody equally often. */
    record Uniform() implements PolicyOf {}

    /** What a version in shadow said at the time. */
    record Shadow(String artifact, int version) implements PolicyOf {}

    /**
     * A fitted method with settings as an ensemble has them.
     *
     * @param version of the artifact that the settings name; the active one where it is 0
     */
    record Fitted(String method, Struct settings, int version) implements PolicyOf {}
  }

  /**
   * Reads the parameters of a job.
   *
   * @throws FailureException {@link Failure.InvalidArgument} with the field
   */
  static EvaluationRequest of(Struct given) {
    refuseOthers("", given, FIELDS);
    Optional<Instant> from = instant(given, "from");
    Optional<Instant> to = instant(given, "to");
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      throw refused(
          "from", "from is %s, which is not before to, %s.".formatted(from.get(), to.get()));
    }
    double usdWeight = given.containsFields("usd_weight") ? number("", given, "usd_weight") : 0;
    if (!(usdWeight >= 0 && usdWeight <= MOST_WEIGHT)) {
      throw refused(
          "usd_weight",
          "usd_weight is %s; it takes a number from 0 to %s.".formatted(usdWeight, MOST_WEIGHT));
    }
    return new EvaluationRequest(
        text("", given, "ensemble"), from, to, usdWeight, policy(object("", given, "policy")));
  }

  private static PolicyOf policy(Struct policy) {
    refuseOthers("policy.", policy, POLICIES);
    if (policy.getFieldsCount() != 1) {
      throw refused(
          "policy",
          "A policy is exactly one of %s; here are %d."
              .formatted(String.join(", ", POLICIES), policy.getFieldsCount()));
    }
    return switch (policy.getFieldsMap().keySet().iterator().next()) {
      case "member" -> new PolicyOf.Weights(Map.of(text("policy.", policy, "member"), 1.0));
      case "weights" -> new PolicyOf.Weights(weights(object("policy.", policy, "weights")));
      case "uniform" -> {
        if (!policy.getFieldsOrThrow("uniform").getBoolValue()) {
          throw refused("policy.uniform", "uniform takes true.");
        }
        yield new PolicyOf.Uniform();
      }
      case "shadow" -> {
        Struct shadow = object("policy.", policy, "shadow");
        refuseOthers("policy.shadow.", shadow, List.of("artifact", "version"));
        yield new PolicyOf.Shadow(
            text("policy.shadow.", shadow, "artifact"),
            version("policy.shadow.", shadow, "version"));
      }
      default -> {
        Struct fitted = object("policy.", policy, "fitted");
        refuseOthers("policy.fitted.", fitted, List.of("method", "settings", "version"));
        yield new PolicyOf.Fitted(
            text("policy.fitted.", fitted, "method"),
            object("policy.fitted.", fitted, "settings"),
            fitted.containsFields("version") ? version("policy.fitted.", fitted, "version") : 0);
      }
    };
  }

  private static Map<String, Double> weights(Struct given) {
    var weights = new HashMap<String, Double>();
    for (String member : given.getFieldsMap().keySet()) {
      double weight = number("policy.weights.", given, member);
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw refused(
            "policy.weights." + member,
            "The weight of %s is %s; it must be finite and not negative."
                .formatted(cut(member), weight));
      }
      weights.put(member, weight);
    }
    if (weights.values().stream().noneMatch(w -> w > 0)) {
      throw refused("policy.weights", "No member has a weight above 0.");
    }
    return weights;
  }

  private static void refuseOthers(String path, Struct given, List<String> known) {
    for (String name : given.getFieldsMap().keySet()) {
      if (!known.contains(name)) {
        throw refused(
            path + name,
            "Unknown parameter '%s'; known: %s."
                .formatted(cut(name), known.stream().collect(Collectors.joining(", "))));
      }
    }
  }

  private static String text(String path, Struct given, String name) {
    Value value = given.getFieldsOrDefault(name, Value.getDefaultInstance());
    String text = value.getStringValue();
    if (!value.hasStringValue() || text.isEmpty() || text.length() > MOST_TEXT) {
      throw refused(
          path + name, "%s is required: a text of 1 to %d characters.".formatted(name, MOST_TEXT));
    }
    return text;
  }

  private static double number(String path, Struct given, String name) {
    Value value = given.getFieldsOrThrow(name);
    if (!value.hasNumberValue()) {
      throw refused(path + name, "%s takes a number.".formatted(cut(name)));
    }
    return value.getNumberValue();
  }

  private static int version(String path, Struct given, String name) {
    double number = given.containsFields(name) ? number(path, given, name) : 0;
    if (!(number >= 1 && number <= Integer.MAX_VALUE) || number != Math.rint(number)) {
      throw refused(path + name, "%s takes a whole number from 1 on.".formatted(name));
    }
    return (int) number;
  }

  private static Struct object(String path, Struct given, String name) {
    Value value = given.getFieldsOrDefault(name, Value.getDefaultInstance());
    if (!value.hasStructValue()) {
      throw refused(path + name, "%s is required: an object.".formatted(name));
    }
    return value.getStructValue();
  }

  private static Optional<Instant> instant(Struct given, String name) {
    if (!given.containsFields(name)) {
      return Optional.empty();
    }
    String text = text("", given, name);
    Optional<Instant> instant = Instants.parse(text);
    if (instant.isEmpty()) {
      throw refused(
          name,
          "%s is '%s'; it must be a time such as 2026-11-26T00:00:00Z.".formatted(name, text));
    }
    return instant;
  }

  private static String cut(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "...";
  }

  static FailureException refused(String field, String message) {
    return Failure.invalid("parameters." + field, message);
  }
}
