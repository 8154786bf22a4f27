package dev.tutti.router.members;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.artifact.KnownMembers;
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

  /** Everything that is wrong with a recipe, also that what it stands on knows no member of it. */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    return violations.isEmpty() && catalog.create(recipe) instanceof Fitted fitted
        ? KnownMembers.check(recipe, fitted.source().artifact(), fitted.members())
        : violations;
  }
}
