package dev.tutti.decoder;

import dev.tutti.decoder.method.token.DeepenEnsemble;
import dev.tutti.decoder.method.token.EvaEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
import dev.tutti.decoder.method.token.PackLlmEnsemble;
import dev.tutti.decoder.method.token.PurifyingEnsemble;
import dev.tutti.decoder.method.token.UniteEnsemble;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.kit.settings.MethodDefinition;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.method.v1.Family;
import dev.tutti.type.v1.Capability;
import java.util.Set;

/** The ensembles during inference that there are, one line a method. */
public final class JointEnsembleCatalog {

  /** All of them, by name. */
  public static final MethodCatalog<JointEnsemble> METHODS =
      MethodCatalog.of(
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
              EvaEnsemble::new));

  private JointEnsembleCatalog() {}
}
