package dev.tutti.kit.settings;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.type.v1.Capability;
import dev.tutti.type.v1.Member;
import dev.tutti.type.v1.MemberSampling;
import java.util.Optional;

/** What a member's own sampling may say, and where. */
final class OwnSampling {

  /** As many as one call has at most. */
  private static final int MOST_SAMPLES = 64;

  private OwnSampling() {}

  /** What is wrong with that of a member; empty where nothing is. */
  static Optional<Violation> wrong(Recipe recipe, int member, MethodDefinition<?> method) {
    Member its = recipe.getMembers(member);
    if (!its.hasSampling()) {
      return Optional.empty();
    }
    String field = "members[%d].sampling".formatted(member);
    MemberSampling sampling = its.getSampling();
    if (!method.asksEach()) {
      return Optional.of(
          MethodCatalog.violation(
              field,
              ("'%s' has its own sampling; %s takes none: only methods after inference ask each"
                      + " member by itself.")
                  .formatted(RecipeRequest.name(its), method.name())));
    }
    // Whoever must be able to score is there for nothing else.
    if (method.needs(recipe, member).contains(Capability.CAPABILITY_SCORING)
        && !method.needs(recipe, member).contains(Capability.CAPABILITY_GENERATION)) {
      return Optional.of(
          MethodCatalog.violation(
              field,
              "'%s' has its own sampling, but as %s it only scores: it draws nothing."
                  .formatted(RecipeRequest.name(its), method.role(recipe, member))));
    }
    double temperature = sampling.getTemperature();
    if (sampling.hasTemperature() && !(temperature >= 0 && temperature <= 2)) {
      return Optional.of(
          MethodCatalog.violation(
              field + ".temperature",
              "temperature is %s; 0 to 2 are allowed.".formatted(temperature)));
    }
    double kept = sampling.getTopP();
    if (sampling.hasTopP() && !(kept > 0 && kept <= 1)) {
      return Optional.of(
          MethodCatalog.violation(
              field + ".top_p", "top_p is %s; it must be above 0 and at most 1.".formatted(kept)));
    }
    if (sampling.hasN() && !method.takesSamples()) {
      return Optional.of(
          MethodCatalog.violation(
              field + ".n",
              "n is %d; %s decides itself how often a member is asked: leave it out."
                  .formatted(sampling.getN(), method.name())));
    }
    return sampling.hasN() && (sampling.getN() < 1 || sampling.getN() > MOST_SAMPLES)
        ? Optional.of(
            MethodCatalog.violation(
                field + ".n",
                "n is %d; 1 to %d are allowed.".formatted(sampling.getN(), MOST_SAMPLES)))
        : Optional.empty();
  }
}
