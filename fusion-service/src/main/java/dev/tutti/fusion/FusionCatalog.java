package dev.tutti.fusion;

import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class FusionCatalog {

  /** The methods by name. */
  public static final MethodCatalog<FusionMethod> METHODS =
      MethodCatalog.of(
          MethodDefinition.of(
              "majority-vote",
              Family.FAMILY_FUSION,
              "Every member answers; the answer with the most weight behind it wins",
              "Hansen & Salamon 1990 (majority); Nitzan & Paroush 1982 (log-odds weights)",
              Set.of(Capability.CAPABILITY_GENERATION),
              Members.atLeast(1),
              true,
              MajorityVote.class,
              MajorityVote.Settings.DEFAULTS,
              MajorityVote::new));

  private FusionCatalog() {}
}
