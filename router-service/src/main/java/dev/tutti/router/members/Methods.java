package dev.tutti.router.members;

import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import dev.tutti.router.Fitted;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Router;
import dev.tutti.router.RouterCatalog;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The methods of this service, with what it has learned. */
@ApplicationScoped
public class Methods {

  private final MethodCatalog<Router> catalog;

  Methods(ArtifactSource<QualityEstimator> learned) {
    catalog = RouterCatalog.of(learned);
  }

  /** The methods by name. What one of them makes holds what was learned when it was made. */
  public MethodCatalog<Router> catalog() {
    return catalog;
  }

  /**
   * Everything that is wrong with a recipe, beside what the catalog sees: an artifact that has
   * learned about none of its members can tell them apart no better than a die.
   */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    if (!violations.isEmpty() || !(catalog.create(recipe) instanceof Fitted fitted)) {
      return violations;
    }
    List<String> names = recipe.getMembersList().stream().map(RecipeRequest::knownAs).toList();
    if (fitted.members().stream().anyMatch(names::contains)) {
      return violations;
    }
    return List.of(
        Violation.newBuilder()
            .setField("settings.artifact")
            .setDescription(
                "artifact '%s' has learned about none of these members, but about: %s. A member's as says which of them it is."
                    .formatted(fitted.source().artifact(), String.join(", ", fitted.members())))
            .build());
  }
}
