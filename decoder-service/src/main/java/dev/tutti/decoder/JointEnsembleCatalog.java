package dev.tutti.decoder;

import dev.tutti.decoder.method.process.BestOfStepsEnsemble;
import dev.tutti.decoder.method.process.LeMctsEnsemble;
import dev.tutti.decoder.method.routing.CdsEnsemble;
import dev.tutti.decoder.method.routing.CiterEnsemble;
import dev.tutti.decoder.method.routing.CriticalTokens;
import dev.tutti.decoder.method.routing.CriticalTokensFit;
import dev.tutti.decoder.method.routing.EtrEnsemble;
import dev.tutti.decoder.method.routing.ExpertTokens;
import dev.tutti.decoder.method.routing.ExpertTokensFit;
import dev.tutti.decoder.method.routing.TokenRouterFit;
import dev.tutti.decoder.method.routing.TokenRouters;
import dev.tutti.decoder.method.span.CoolFusionEnsemble;
import dev.tutti.decoder.method.span.SpecFuseEnsemble;
import dev.tutti.decoder.method.span.SweetSpanEnsemble;
import dev.tutti.decoder.method.speculation.SafeEnsemble;
import dev.tutti.decoder.method.speculation.SpeculativeEnsemble;
import dev.tutti.decoder.method.token.ByteExactEnsemble;
import dev.tutti.decoder.method.token.DeepenEnsemble;
import dev.tutti.decoder.method.token.EvaEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.method.token.PackLlmEnsemble;
import dev.tutti.decoder.method.token.PurifyingEnsemble;
import dev.tutti.decoder.method.token.UniteEnsemble;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** The ensembles during inference that there are, one line a method. */
public final class JointEnsembleCatalog {

  // Members write spans by themselves, and tell the likelihood of what others wrote.
  private static final Set<Capability> SPANS =
      Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION, Capability.CAPABILITY_SCORING);

  /** The fitted ones, by name. */
  public static final List<FittedMethod<?, LearnedEnsemble, ?>> FITTED =
      List.of(new CriticalTokensFit(), new ExpertTokensFit(), new TokenRouterFit());

  /** The settings that all of them have. */
  public static final SettingsSchema<JointSettings> SHARED =
      SettingsSchema.of(JointSettings.DEFAULTS);

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<JointEnsemble> METHODS = of(ArtifactSource.none());

  private JointEnsembleCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<JointEnsemble> of(ArtifactSource<LearnedEnsemble> learned) {
    return MethodCatalog.sharing(
        JointSettings.DEFAULTS,
        MethodDefinition.<JointEnsemble, CdsEnsemble.Settings>of(
                CriticalTokensFit.NAME,
                Family.FAMILY_TOKEN,
                "The first member writes, but for tokens that are critical for the facts: those are"
                    + " the second one's most probable.",
                CriticalTokensFit.PAPER,
                Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
                Members.exactly(2),
                false,
                CdsEnsemble.class,
                CdsEnsemble.Settings.DEFAULTS,
                settings -> cds(settings, learned))
            .with(JointRoles.CDS)
            .fittedAs(new CriticalTokensFit().describe()),
        MethodDefinition.<JointEnsemble, CiterEnsemble.Settings>of(
                TokenRouterFit.NAME,
                Family.FAMILY_TOKEN,
                "A member writes while its router trusts what it would write; the next ones write"
                    + " the rest.",
                TokenRouterFit.PAPER,
                Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
                new Members(2, 16),
                false,
                CiterEnsemble.class,
                CiterEnsemble.Settings.DEFAULTS,
                settings -> citer(settings, learned))
            .with(JointRoles.CITER)
            .fittedAs(new TokenRouterFit().describe()),
        MethodDefinition.<JointEnsemble, EtrEnsemble.Settings>of(
                ExpertTokensFit.NAME,
                Family.FAMILY_TOKEN,
                "The first member hands over for good to the one whose own token it finds the most"
                    + " probable.",
                ExpertTokensFit.PAPER,
                Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
                new Members(2, 16),
                false,
                EtrEnsemble.class,
                EtrEnsemble.Settings.DEFAULTS,
                settings -> etr(settings, learned))
            .with(JointRoles.ETR)
            .fittedAs(new ExpertTokensFit().describe()),
        MethodDefinition.of(
            "gac",
            Family.FAMILY_TOKEN,
            "Averages the members' next-token probabilities over the union of their"
                + " vocabularies.",
            "Yu et al. 2024, Breaking the Ceiling of the LLM Community by Treating Token"
                + " Generation as a Classification for Ensembling, https://arxiv.org/abs/2406.12585",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            GacEnsemble.class,
            GacEnsemble.Settings.DEFAULTS,
            GacEnsemble::new),
        MethodDefinition.of(
            "unite",
            Family.FAMILY_TOKEN,
            "Averages the members' probabilities over the union of their most probable pieces;"
                + " endpoints that tell these can be members.",
            "Yao et al. 2024, Determine-Then-Ensemble: Necessity of Top-k Union for Large"
                + " Language Model Ensembling, https://arxiv.org/abs/2410.03777",
            Set.of(Capability.CAPABILITY_TOP_LOGPROBS),
            new Members(1, 16),
            false,
            UniteEnsemble.class,
            UniteEnsemble.Settings.DEFAULTS,
            UniteEnsemble::new),
        MethodDefinition.of(
            "packllm",
            Family.FAMILY_TOKEN,
            "Averages the members' logits by weights that follow from how well each knows the"
                + " prompt.",
            "Mavromatis et al. 2024, Pack of LLMs: Model Fusion at Test-Time via Perplexity"
                + " Optimization, https://arxiv.org/abs/2404.11531",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            PackLlmEnsemble.class,
            PackLlmEnsemble.Settings.DEFAULTS,
            PackLlmEnsemble::new),
        MethodDefinition.of(
            "purifying",
            Family.FAMILY_TOKEN,
            "Untrusted members write with a benign one, and each answer tells how far from that"
                + " it can be.",
            "Li et al. 2024, Purifying Large Language Models by Ensembling a Small Language"
                + " Model, https://arxiv.org/abs/2402.14845",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            PurifyingEnsemble.class,
            PurifyingEnsemble.Settings.DEFAULTS,
            PurifyingEnsemble::new),
        MethodDefinition.of(
            "deepen",
            Family.FAMILY_TOKEN,
            "Averages the members' distributions as likeness to pieces that all have, and searches"
                + " the main member's tokens that come nearest.",
            "Huang et al. 2024, Ensemble Learning for Heterogeneous Large Language Models with"
                + " Deep Parallel Collaboration, https://arxiv.org/abs/2404.12715",
            Set.of(
                Capability.CAPABILITY_FULL_DISTRIBUTION, Capability.CAPABILITY_OUTPUT_EMBEDDINGS),
            new Members(1, 16),
            false,
            DeepenEnsemble.class,
            DeepenEnsemble.Settings.DEFAULTS,
            DeepenEnsemble::new),
        MethodDefinition.of(
            "eva",
            Family.FAMILY_TOKEN,
            "Moves the members' distributions into one member's vocabulary by maps of their output"
                + " embeddings, and averages those that agree.",
            "Xu et al. 2024, Bridging the Gap between Different Vocabularies for LLM Ensemble,"
                + " https://arxiv.org/abs/2404.09492",
            Set.of(
                Capability.CAPABILITY_FULL_DISTRIBUTION, Capability.CAPABILITY_OUTPUT_EMBEDDINGS),
            new Members(1, 16),
            false,
            EvaEnsemble.class,
            EvaEnsemble.Settings.DEFAULTS,
            EvaEnsemble::new),
        MethodDefinition.of(
            "speculative",
            Family.FAMILY_TOKEN,
            "Writes what a step-by-step ensemble over one vocabulary would, with fewer passes:"
                + " members propose tokens and check them in turn.",
            "Fu et al. 2025, Speculative Ensemble: Fast Large Language Model Ensemble via"
                + " Speculation, https://arxiv.org/abs/2502.01662",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            SpeculativeEnsemble.class,
            SpeculativeEnsemble.Settings.DEFAULTS,
            SpeculativeEnsemble::new),
        MethodDefinition.of(
            "safe",
            Family.FAMILY_TOKEN,
            "One member drafts, the others check, and they write together only where they disagree"
                + " or are unsure.",
            "Yun et al. 2025, When to Ensemble: Identifying Token-Level Points for Stable and Fast"
                + " LLM Ensembling, https://arxiv.org/abs/2510.15346",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            SafeEnsemble.class,
            SafeEnsemble.Settings.DEFAULTS,
            SafeEnsemble::new),
        MethodDefinition.of(
            "cool-fusion",
            Family.FAMILY_SPAN,
            "Every member proposes its next words, and the answer goes on with those that all"
                + " together find the least perplexing.",
            "Liu et al. 2024, Cool-Fusion: Fuse Large Language Models without Training,"
                + " https://arxiv.org/abs/2407.19807",
            SPANS,
            new Members(1, 16),
            false,
            CoolFusionEnsemble.class,
            CoolFusionEnsemble.Settings.DEFAULTS,
            CoolFusionEnsemble::new),
        MethodDefinition.of(
            "sweet-span",
            Family.FAMILY_SPAN,
            "Every member proposes a few words, and the answer goes on with those that the judges"
                + " among them whose judgement counts find the least perplexing.",
            "Xu et al. 2025, Hit the Sweet Spot! Span-Level Ensemble for Large Language Models,"
                + " https://arxiv.org/abs/2409.18583",
            SPANS,
            new Members(1, 16),
            false,
            SweetSpanEnsemble.class,
            SweetSpanEnsemble.Settings.DEFAULTS,
            SweetSpanEnsemble::new),
        MethodDefinition.of(
            "specfuse",
            Family.FAMILY_SPAN,
            "Every member drafts a few tokens, all verify all drafts, judges whose own drafts win come"
                + " to weigh more, and members that fall behind leave.",
            "Lv et al. 2024, SpecFuse: Ensembling Large Language Models via Next-Segment Prediction,"
                + " https://arxiv.org/abs/2412.07380",
            SPANS,
            new Members(1, 16),
            false,
            SpecFuseEnsemble.class,
            SpecFuseEnsemble.Settings.DEFAULTS,
            SpecFuseEnsemble::new),
        MethodDefinition.<JointEnsemble, LeMctsEnsemble.Settings>of(
                "le-mcts",
                Family.FAMILY_PROCESS,
                "A tree search over chains of steps, each by any member, guided by a judge's verdicts"
                    + " or the members' own likelihood.",
                "Park et al. 2025, Ensembling Large Language Models with Process Reward-Guided Tree"
                    + " Search for Better Complex Reasoning, https://arxiv.org/abs/2412.15797",
                SPANS,
                new Members(1, 17),
                false,
                LeMctsEnsemble.class,
                LeMctsEnsemble.Settings.DEFAULTS,
                LeMctsEnsemble::new)
            .with(JointRoles.STEPS),
        MethodDefinition.<JointEnsemble, BestOfStepsEnsemble.Settings>of(
                "best-of-steps",
                Family.FAMILY_PROCESS,
                "At every place the members draw several next steps, and the one of the greatest"
                    + " reward stands.",
                "Park et al. 2025 (among its baselines), https://arxiv.org/abs/2412.15797",
                SPANS,
                new Members(1, 17),
                false,
                BestOfStepsEnsemble.class,
                BestOfStepsEnsemble.Settings.DEFAULTS,
                BestOfStepsEnsemble::new)
            .with(JointRoles.STEPS),
        MethodDefinition.of(
            "byte-exact",
            Family.FAMILY_TOKEN,
            "Averages the members' next-byte probabilities, summed over all tokens that go on"
                + " with a byte, whatever their vocabularies.",
            "Hayase et al. 2025, Sampling from Your Language Model One Byte at a Time,"
                + " https://arxiv.org/abs/2506.14123",
            Set.of(Capability.CAPABILITY_FULL_DISTRIBUTION),
            new Members(1, 16),
            false,
            ByteExactEnsemble.class,
            ByteExactEnsemble.Settings.DEFAULTS,
            ByteExactEnsemble::new));
  }

  private static CdsEnsemble cds(
      CdsEnsemble.Settings settings, ArtifactSource<LearnedEnsemble> learned) {
    LiveArtifact<LearnedEnsemble> live =
        learned.require(CriticalTokensFit.NAME, settings.artifact());
    return new CdsEnsemble(settings, (CriticalTokens) live.learned(), FittedOn.of(live.artifact()));
  }

  private static CiterEnsemble citer(
      CiterEnsemble.Settings settings, ArtifactSource<LearnedEnsemble> learned) {
    LiveArtifact<LearnedEnsemble> live = learned.require(TokenRouterFit.NAME, settings.artifact());
    return new CiterEnsemble(settings, (TokenRouters) live.learned(), FittedOn.of(live.artifact()));
  }

  private static EtrEnsemble etr(
      EtrEnsemble.Settings settings, ArtifactSource<LearnedEnsemble> learned) {
    LiveArtifact<LearnedEnsemble> live = learned.require(ExpertTokensFit.NAME, settings.artifact());
    return new EtrEnsemble(settings, (ExpertTokens) live.learned(), FittedOn.of(live.artifact()));
  }
}
