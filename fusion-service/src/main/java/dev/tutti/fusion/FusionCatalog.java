package dev.tutti.fusion;

import dev.tutti.fusion.method.layers.SelfMoa;
import dev.tutti.fusion.method.vote.FieldVote;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.fusion.method.vote.WeightedVote;
import dev.tutti.fusion.method.vote.WeightedVoteFit;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class FusionCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedMethod<?, LearnedFusion, ?>> FITTED =
      List.of(new WeightedVoteFit());

  /** Settings that selectors have beside their own. */
  public static final SettingsSchema<AskSettings> ASKING = SettingsSchema.of(AskSettings.DEFAULTS);

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<FusionMethod> METHODS = of(ArtifactSource.none());

  private FusionCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<FusionMethod> of(ArtifactSource<LearnedFusion> learned) {
    return MethodCatalog.of(
        MethodDefinition.<FusionMethod, FieldVote.Settings>of(
                "field-vote",
                Family.FAMILY_FUSION,
                "Every member answers by a JSON object; the one with most fields as the majority has"
                    + " them wins",
                "Hansen & Salamon 1990 (majority), field by field",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                FieldVote.class,
                FieldVote.Settings.DEFAULTS,
                FieldVote::new)
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, MajorityVote.Settings>of(
                "majority-vote",
                Family.FAMILY_FUSION,
                "Every member answers; the answer with the most weight behind it wins",
                "Hansen & Salamon 1990 (majority); Nitzan & Paroush 1982 (log-odds weights)",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                MajorityVote.class,
                MajorityVote.Settings.DEFAULTS,
                MajorityVote::new)
            .sharing(ASKING),
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
                    false))
            .rewriting(),
        MethodDefinition.<FusionMethod, WeightedVote.Settings>of(
                WeightedVoteFit.NAME,
                Family.FAMILY_FUSION,
                "Every member answers; votes count what they proved to be worth on recorded answers",
                WeightedVoteFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                WeightedVote.class,
                WeightedVote.Settings.DEFAULTS,
                settings -> weightedVote(settings, learned))
            .fittedAs(new WeightedVoteFit().describe())
            .sharing(ASKING));
  }

  private static WeightedVote weightedVote(
      WeightedVote.Settings settings, ArtifactSource<LearnedFusion> learned) {
    LiveArtifact<LearnedFusion> live = learned.require(WeightedVoteFit.NAME, settings.artifact());
    return new WeightedVote(settings, (VoteWeights) live.learned(), live.artifact().version());
  }
}
