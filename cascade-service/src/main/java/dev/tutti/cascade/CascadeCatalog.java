package dev.tutti.cascade;

import dev.tutti.cascade.cache.CacheSettings;
import dev.tutti.cascade.method.agent.Der;
import dev.tutti.cascade.method.agent.DerFit;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy;
import dev.tutti.cascade.method.agreement.MixtureOfThought;
import dev.tutti.cascade.method.calibrated.CalibratedCascading;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit;
import dev.tutti.cascade.method.calibrated.CalibratedMembers;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.cascade.method.deferral.DeferralFit;
import dev.tutti.cascade.method.deferral.LearnedDeferral;
import dev.tutti.cascade.method.demonstration.EcoAssistant;
import dev.tutti.cascade.method.frugal.FrugalGpt;
import dev.tutti.cascade.method.frugal.FrugalGptFit;
import dev.tutti.cascade.method.frugal.FrugalScorer;
import dev.tutti.cascade.method.routing.CascadeRouting;
import dev.tutti.cascade.method.routing.CascadeRoutingFit;
import dev.tutti.cascade.method.routing.LearnedRouting;
import dev.tutti.cascade.method.student.NeuralCache;
import dev.tutti.cascade.method.student.NeuralCaching;
import dev.tutti.cascade.method.verification.AutoMix;
import dev.tutti.cascade.method.verification.AutoMixPomdp;
import dev.tutti.cascade.method.verification.AutoMixPomdpFit;
import dev.tutti.cascade.method.verification.VerifierBins;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.MethodRole;
import dev.tutti.kit.settings.SettingsSchema;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.List;
import java.util.Set;

/** Every method of this service, one entry each. */
public final class CascadeCatalog {

  /** The fitted ones, by name. */
  public static final List<FittedCascade<?>> FITTED =
      List.of(
          new AutoMixPomdpFit(),
          new CalibratedCascadingFit(),
          new CascadeRoutingFit(),
          new DerFit(),
          DeferralFit.POST_HOC,
          DeferralFit.QUANTILE,
          new FrugalGptFit());

  /** The methods by name, where nothing learned is kept. */
  public static final MethodCatalog<CascadeMethod> METHODS = of(ArtifactSource.none());

  /** Settings that all have beside their own. */
  public static final SettingsSchema<CacheSettings> CACHING =
      SettingsSchema.of(CacheSettings.DEFAULTS);

  private CascadeCatalog() {}

  /** The methods by name, with what was learned. */
  public static MethodCatalog<CascadeMethod> of(ArtifactSource<LearnedCascade> learned) {
    return MethodCatalog.sharing(
        CacheSettings.DEFAULTS,
        MethodDefinition.of(
            "automix",
            Family.FAMILY_CASCADE,
            "A member checks its own answer several times; the next one is asked by how often it holds",
            "Aggarwal et al. 2024, AutoMix: Automatically Mixing Language Models, NeurIPS,"
                + " arXiv:2310.12963",
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            AutoMix.class,
            AutoMix.Settings.DEFAULTS,
            AutoMix::new),
        MethodDefinition.<CascadeMethod, AutoMixPomdp.Settings>of(
                AutoMixPomdpFit.NAME,
                Family.FAMILY_CASCADE,
                "A member checks its own answer; at which shares the next is asked is learned",
                AutoMixPomdpFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                AutoMixPomdp.class,
                AutoMixPomdp.Settings.DEFAULTS,
                settings ->
                    new AutoMixPomdp(
                        settings,
                        (VerifierBins)
                            learned.require(AutoMixPomdpFit.NAME, settings.artifact()).learned()))
            .fittedAs(new AutoMixPomdpFit().describe()),
        MethodDefinition.<CascadeMethod, CalibratedCascading.Settings>of(
                CalibratedCascadingFit.NAME,
                Family.FAMILY_CASCADE,
                "Members answer in turn until one is probably right, by calibrated confidence",
                CalibratedCascadingFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
                Members.atLeast(1),
                true,
                CalibratedCascading.class,
                CalibratedCascading.Settings.DEFAULTS,
                settings ->
                    new CalibratedCascading(
                        settings,
                        (CalibratedMembers)
                            learned
                                .require(CalibratedCascadingFit.NAME, settings.artifact())
                                .learned()))
            .fittedAs(new CalibratedCascadingFit().describe()),
        MethodDefinition.<CascadeMethod, CascadeRouting.Settings>of(
                CascadeRoutingFit.NAME,
                Family.FAMILY_CASCADE,
                "Before each call: is another answer worth its cost, and whose; by learned estimates",
                CascadeRoutingFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                CascadeRouting.class,
                CascadeRouting.Settings.DEFAULTS,
                settings ->
                    new CascadeRouting(
                        settings,
                        (LearnedRouting)
                            learned.require(CascadeRoutingFit.NAME, settings.artifact()).learned()))
            .fittedAs(new CascadeRoutingFit().describe()),
        MethodDefinition.of(
            "consistency",
            Family.FAMILY_CASCADE,
            "Each member is sampled several times; where its answers agree they are taken",
            "Yue et al. 2024, Mixture-of-Thought cascade (vote, one prompt), arXiv:2310.03094",
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            ConsistencyPolicy.class,
            ConsistencyPolicy.Settings.DEFAULTS,
            ConsistencyPolicy::new),
        MethodDefinition.<CascadeMethod, Der.Settings>of(
                DerFit.NAME,
                Family.FAMILY_CASCADE,
                "A trained agent says step by step whom to ask next, and hands the answer so far on",
                DerFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_EMBEDDING),
                Members.atLeast(1),
                true,
                Der.class,
                Der.Settings.DEFAULTS,
                settings ->
                    Der.of(settings, learned.require(DerFit.NAME, settings.artifact()).learned()))
            .fittedAs(new DerFit().describe())
            .rewriting(),
        MethodDefinition.<CascadeMethod, EcoAssistant.Settings>of(
                "eco-assistant",
                Family.FAMILY_CASCADE,
                "The cheapest member first; accepted answers become examples for later questions",
                "Zhang et al. 2023, EcoAssistant, arXiv:2310.03046",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                EcoAssistant.class,
                EcoAssistant.Settings.DEFAULTS,
                EcoAssistant::new)
            .with(
                new MethodRole(
                    EcoAssistant.ASSISTANT,
                    Members.atLeast(1),
                    Set.of(),
                    "Answers, in the order of the recipe: the cheapest comes first.",
                    true),
                new MethodRole(
                    EcoAssistant.VERIFIER,
                    new Members(0, 1),
                    Set.of(),
                    "Says of each answer whether it does; without one the user does, by feedback.",
                    false))
            .rewriting(),
        MethodDefinition.<CascadeMethod, MixtureOfThought.Settings>of(
                "mixture-of-thought",
                Family.FAMILY_CASCADE,
                "Each member is sampled in words and by programs; where they agree that is taken",
                "Yue et al. 2024, Large Language Model Cascades with Mixture of Thought"
                    + " Representations, ICLR, arXiv:2310.03094",
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                MixtureOfThought.class,
                MixtureOfThought.Settings.DEFAULTS,
                MixtureOfThought::new)
            .rewriting(),
        MethodDefinition.<CascadeMethod, FrugalGpt.Settings>of(
                FrugalGptFit.NAME,
                Family.FAMILY_CASCADE,
                "A learned chain of up to three members; a scorer says whose answer is reliable",
                FrugalGptFit.PAPER,
                Set.of(Capability.CAPABILITY_GENERATION),
                Members.atLeast(1),
                true,
                FrugalGpt.class,
                FrugalGpt.Settings.DEFAULTS,
                settings ->
                    new FrugalGpt(
                        settings,
                        (FrugalScorer)
                            learned.require(FrugalGptFit.NAME, settings.artifact()).learned()))
            .fittedAs(new FrugalGptFit().describe()),
        MethodDefinition.of(
            "model-cascading",
            Family.FAMILY_CASCADE,
            "Members answer in order until one is confident enough of its own answer",
            "Varshney & Baral 2022, Model Cascading, EMNLP, arXiv:2210.05528",
            Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
            Members.atLeast(1),
            true,
            ModelCascading.class,
            ModelCascading.Settings.DEFAULTS,
            ModelCascading::new),
        MethodDefinition.of(
            "neural-caching",
            Family.FAMILY_CASCADE,
            "A student learns from a member's answers while it works, and answers in its place",
            "Ramirez et al. 2023, Cache me if you Can, arXiv:2310.13561",
            Set.of(Capability.CAPABILITY_GENERATION),
            Members.atLeast(1),
            true,
            NeuralCaching.class,
            NeuralCache.Settings.DEFAULTS,
            NeuralCaching::new),
        deferral(
            DeferralFit.POST_HOC,
            "Members answer in turn until the next is not expected to do better, by the answer's"
                + " signals and the question",
            learned),
        deferral(
            DeferralFit.QUANTILE,
            "Members answer in turn until the next is probably no better, by quantiles of the"
                + " answer's log-probabilities",
            learned));
  }

  private static MethodDefinition<CascadeMethod> deferral(
      DeferralFit fit, String summary, ArtifactSource<LearnedCascade> learned) {
    return MethodDefinition.<CascadeMethod, LearnedDeferral.Settings>of(
            fit.name(),
            Family.FAMILY_CASCADE,
            summary,
            fit.paper(),
            Set.of(Capability.CAPABILITY_GENERATION, Capability.CAPABILITY_LOGPROBS),
            Members.atLeast(1),
            true,
            LearnedDeferral.class,
            LearnedDeferral.Settings.DEFAULTS,
            settings ->
                new LearnedDeferral(
                    settings, learned.require(fit.name(), settings.artifact()).learned()))
        .fittedAs(fit.describe());
  }
}
