package dev.tutti.learning.artifact;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import java.util.List;

/** Whether what was learned is about a recipe's members. */
public final class KnownMembers {

  private KnownMembers() {}

  /**
   * What is wrong with a recipe that stands on an artifact which has learned about none of its
   * members: it can tell them apart no better than a die.
   *
   * @param artifact its name
   * @param learnedAbout whom it knows
   * @return one violation, or none
   */
  public static List<Violation> check(Recipe recipe, String artifact, List<String> learnedAbout) {
    List<String> names = recipe.getMembersList().stream().map(RecipeRequest::knownAs).toList();
    if (learnedAbout.stream().anyMatch(names::contains)) {
      return List.of();
    }
    return List.of(
        Violation.newBuilder()
            .setField("settings.artifact")
            .setDescription(
                "artifact '%s' has learned about none of these members, but about: %s. A member's as says which of them it is."
                    .formatted(artifact, String.join(", ", learnedAbout)))
            .build());
  }
}
