package dev.tutti.fusion;

import dev.tutti.fusion.method.layers.SelfMoa;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
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
              MajorityVote::new),
          MethodDefinition.<FusionMethod, SelfMoa.Settings>of(
                  "self-moa",
                  Family.FAMILY_FUSION,
                  "A member is sampled several times, then writes an answer of its answers",
                  "Wang et al. 2024, Mixture-of-Agents, arXiv:2406.04692 (one proposer, one layer)",
                  Set.of(Capability.CAPABILITY_GENERATION),
                  new Members(1, 2),
                  true,
                  SelfMoa.class,
                  SelfMoa.Settings.DEFAULTS,
                  SelfMoa::new)
              .with(
                  new MethodRole(
                      SelfMoa.PROPOSER,
                      Members.exactly(1),
                      Set.of(),
                      "Is sampled; writes the answer too, unless there is an aggregator.",
                      true),
                  new MethodRole(
                      SelfMoa.AGGREGATOR,
                      new Members(0, 1),
                      Set.of(),
                      "Reads the samples and writes the answer.",
                      false)));

  private FusionCatalog() {}
}
