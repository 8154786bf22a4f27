package dev.tutti.fusion;

import dev.tutti.fusion.method.fingerprint.Dfpe;
import dev.tutti.fusion.method.fingerprint.DfpeFit;
import dev.tutti.fusion.method.fingerprint.SubjectWeights;
import dev.tutti.fusion.method.heads.MemberHeads;
import dev.tutti.fusion.method.heads.SelectLlm;
import dev.tutti.fusion.method.heads.SelectLlmFit;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.More;
import dev.tutti.fusion.method.ranking.MoreFit;
import dev.tutti.fusion.method.ranking.PairRanker;
import dev.tutti.fusion.method.ranking.PairRankerFit;
import dev.tutti.fusion.method.ranking.RewardEnsemble;
import dev.tutti.fusion.method.ranking.SummaReranker;
import dev.tutti.fusion.method.ranking.SummaRerankerFit;
import dev.tutti.fusion.method.similarity.AgentForest;
import dev.tutti.fusion.method.similarity.Smoothie;
import dev.tutti.fusion.method.similarity.SmoothieFit;
import dev.tutti.fusion.method.similarity.SmoothieVoices;
import dev.tutti.fusion.method.team.TeamWeights;
import dev.tutti.fusion.method.team.Topla;
import dev.tutti.fusion.method.team.ToplaFit;
import dev.tutti.fusion.method.vote.FieldVote;
import dev.tutti.fusion.method.vote.LearnedVote;
import dev.tutti.fusion.method.vote.LearnedVoteFit;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.TopicWeights;
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

/** Every method of this service, one entry each, here or in {@link DeliberationCatalog}. */
public final class FusionCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedMethod<?, LearnedFusion, ?>> FITTED =
      List.of(
          new DfpeFit(),
          new LearnedVoteFit(),
          new MoreFit(),
          new PairRankerFit(),
          new SelectLlmFit(),
          new SmoothieFit(),
          new SummaRerankerFit(),
          new ToplaFit(),
          new WeightedVoteFit());

  /** Settings that selectors have beside their own. */
  public static final SettingsSchema<AskSettings> ASKING = SettingsSchema.of(AskSettings.DEFAULTS);

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<FusionMethod> METHODS = of(ArtifactSource.none());

  private FusionCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<FusionMethod> of(ArtifactSource<LearnedFusion> learned) {
    return MethodCatalog.of(
        DeliberationCatalog.METHODS,
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
        MethodDefinition.<FusionMethod, Dfpe.Settings>of(
                DfpeFit.NAME,
                Family.FAMILY_FUSION,
                "Of members that answer a subject's questions alike the best one votes",
                DfpeFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                Dfpe.class,
                Dfpe.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(DfpeFit.NAME, settings.artifact());
                  return new Dfpe(
                      settings, (SubjectWeights) live.learned(), live.artifact().version());
                })
            .fittedAs(new DfpeFit().describe())
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, AgentForest.Settings>of(
                "agent-forest",
                Family.FAMILY_FUSION,
                "Every member answers; the answer that is most like all others is given",
                "Li et al. 2024, More Agents Is All You Need, TMLR, arXiv:2402.05120",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                AgentForest.class,
                AgentForest.Settings.DEFAULTS,
                AgentForest::new)
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, LearnedVote.Settings>of(
                LearnedVoteFit.NAME,
                Family.FAMILY_FUSION,
                "Every member answers; votes count what they proved to be worth on questions like it",
                LearnedVoteFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                LearnedVote.class,
                LearnedVote.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(LearnedVoteFit.NAME, settings.artifact());
                  return new LearnedVote(
                      settings, (TopicWeights) live.learned(), live.artifact().version());
                })
            .fittedAs(new LearnedVoteFit().describe())
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
        MethodDefinition.<FusionMethod, More.Settings>of(
                MoreFit.NAME,
                Family.FAMILY_FUSION,
                "Trees tell how probable it is that each answer is right; none is given where none is",
                MoreFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                More.class,
                More.Settings.DEFAULTS,
                settings -> {
                  LiveArtifact<LearnedFusion> live =
                      learned.require(MoreFit.NAME, settings.artifact());
                  return new More(settings, live.learned(), live.artifact().version());
                })
            .fittedAs(new MoreFit().describe())
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, PairRanker.Settings>of(
                PairRankerFit.NAME,
                Family.FAMILY_FUSION,
                "A fitted head compares the answers by pairs; the best by all comparisons is given",
                PairRankerFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                PairRanker.class,
                PairRanker.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(PairRankerFit.NAME, settings.artifact());
                  return new PairRanker(settings, live.learned(), live.artifact().version());
                })
            .fittedAs(new PairRankerFit().describe())
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, RewardEnsemble.Settings>of(
                "reward-ensemble",
                Family.FAMILY_FUSION,
                "Members that score choose among the others' answers; no scorer decides alone",
                "Coste et al. 2024, Reward Model Ensembles, arXiv:2310.02743",
                // Whoever only scores need not write.
                Set.of(),
                Members.atLeast(2),
                true,
                RewardEnsemble.class,
                RewardEnsemble.Settings.DEFAULTS,
                RewardEnsemble::new)
            .with(
                new MethodRole(
                    Roles.PROPOSER,
                    Members.atLeast(1),
                    Set.of(Capability.CAPABILITY_GENERATION),
                    "Answers as the request was asked.",
                    true),
                new MethodRole(
                    RewardEnsemble.REWARD,
                    Members.atLeast(1),
                    Set.of(Capability.CAPABILITY_SCORING),
                    "Scores the answers.",
                    false))
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, SelectLlm.Settings>of(
                SelectLlmFit.NAME,
                Family.FAMILY_FUSION,
                "Only members that are likely to answer the question right are asked, and vote",
                SelectLlmFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                SelectLlm.class,
                SelectLlm.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(SelectLlmFit.NAME, settings.artifact());
                  return new SelectLlm(
                      settings, (MemberHeads) live.learned(), live.artifact().version());
                })
            .fittedAs(new SelectLlmFit().describe()),
        MethodDefinition.<FusionMethod, Topla.Settings>of(
                ToplaFit.NAME,
                Family.FAMILY_FUSION,
                "Those members vote who are right together and seldom wrong together",
                ToplaFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                Topla.class,
                Topla.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(ToplaFit.NAME, settings.artifact());
                  return new Topla(
                      settings, (TeamWeights) live.learned(), live.artifact().version());
                })
            .fittedAs(new ToplaFit().describe())
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, Smoothie.Settings>of(
                SmoothieFit.NAME,
                Family.FAMILY_FUSION,
                "Every member answers; the one is believed whose answers lie nearest to all others'",
                SmoothieFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                Smoothie.class,
                Smoothie.Settings.DEFAULTS,
                settings -> smoothie(settings, learned))
            .fittedAs(new SmoothieFit().describe())
            .sharing(ASKING),
        MethodDefinition.<FusionMethod, SummaReranker.Settings>of(
                SummaRerankerFit.NAME,
                Family.FAMILY_FUSION,
                "A head a metric tells which answers are the best; the best by all of them is given",
                SummaRerankerFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                SummaReranker.class,
                SummaReranker.Settings.DEFAULTS,
                settings -> {
                  var live = learned.require(SummaRerankerFit.NAME, settings.artifact());
                  return new SummaReranker(settings, live.learned(), live.artifact().version());
                })
            .fittedAs(new SummaRerankerFit().describe())
            .sharing(ASKING),
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

  private static Smoothie smoothie(
      Smoothie.Settings settings, ArtifactSource<LearnedFusion> learned) {
    LiveArtifact<LearnedFusion> live = learned.require(SmoothieFit.NAME, settings.artifact());
    return new Smoothie(settings, (SmoothieVoices) live.learned(), live.artifact().version());
  }

  private static WeightedVote weightedVote(
      WeightedVote.Settings settings, ArtifactSource<LearnedFusion> learned) {
    LiveArtifact<LearnedFusion> live = learned.require(WeightedVoteFit.NAME, settings.artifact());
    return new WeightedVote(settings, (VoteWeights) live.learned(), live.artifact().version());
  }
}
