package dev.tutti.decoder;

import dev.tutti.decoder.method.token.ByteExactEnsemble;
import dev.tutti.decoder.method.token.GacEnsemble;
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

  private JointEnsembleCatalog() {}
}
