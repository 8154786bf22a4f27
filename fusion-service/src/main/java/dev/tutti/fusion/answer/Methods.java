package dev.tutti.fusion.answer;

import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.FusionMethod;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.kit.settings.MethodCache;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.artifact.KnownMembers;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The methods of this service, with what it has learned. */
@ApplicationScoped
public class Methods {

  private final MethodCatalog<FusionMethod> catalog;
  private final MethodCache<FusionMethod> made;

  Methods(LiveArtifacts<LearnedFusion> learned) {
    catalog = FusionCatalog.of(learned);
    made = new MethodCache<>(catalog);
    learned.whenChanged(made::forget);
  }

  /** The methods by name. */
  public MethodCatalog<FusionMethod> catalog() {
    return catalog;
  }

  /**
   * The method that a recipe names, on what is active.
   *
   * @throws dev.tutti.kit.grpc.FailureException as {@link MethodCatalog#create}
   */
  public FusionMethod get(Recipe recipe) {
    return made.get(recipe);
  }

  /** Everything that is wrong with a recipe, also that what it stands on knows no member of it. */
  public List<Violation> validate(Recipe recipe) {
    List<Violation> violations = catalog.validate(recipe);
    return violations.isEmpty() && catalog.create(recipe) instanceof Fitted fitted
        ? KnownMembers.check(recipe, fitted.artifact(), fitted.members())
        : violations;
  }
}
