package dev.tutti.router;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.router.method.blending.BlendingRouter;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class RouterCatalog {

  /** The methods by name. */
  public static final MethodCatalog<Router> METHODS =
      MethodCatalog.of(
          MethodDefinition.of(
              "blending",
              Family.FAMILY_ROUTER,
              "At every turn a member is drawn at random, by weight, and answers the whole history",
              "Lu et al. 2024, Blending Is All You Need, arXiv:2401.02994",
              Set.of(Capability.CAPABILITY_GENERATION),
              Members.atLeast(1),
              true,
              BlendingRouter.class,
              new BlendingRouter.Settings(),
              _ -> new BlendingRouter()));

  private RouterCatalog() {}
}
