package dev.tutti.decoder.method.token;

import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * PackLLM, "pack of LLMs": members' logits are averaged by weights that follow from how well each
 * member knows the prompt, found anew for every request.
 *
 * <p>Paper: Mavromatis, Karypis, Karypis, "Pack of LLMs: Model Fusion at Test-Time via Perplexity
 * Optimization", 2024 (arXiv 2404.11531). With {@code L_m = -(1/n) sum_t log p_m(x_t | x_<t)} over
 * the prompt,
 *
 * <ul>
 *   <li><em>sim</em>: {@code w = softmax(-L / tau)};
 *   <li><em>opt</em>: members in the order of their L; the first is {@code z = z_1}, each next one
 *       is folded in by the {@code lambda} out of {0, .05, .., 1} that minimises the cross-entropy
 *       of {@code lambda z + (1 - lambda) z_m} on the prompt; all weights so far are multiplied by
 *       lambda, its own is 1 - lambda.
 * </ul>
 *
 * <p>The member of the least L is the reference: its vocabulary is written in. Each member's logits
 * move there by MinED, a token of the reference has those of the member's same piece, or of the
 * nearest by edit distance. A step is {@code z = sum_m w_m z_m}, the answer goes on with {@code
 * argmax softmax(z)}.
 *
 * <p>tau is 1, as published. Cost of a request: each member reads the prompt once, with the
 * probability of each token (sim), and once more, with up to {@value #PLACES} distributions in
 * memory a member, over which the 20 folds of each member pass (opt); then one forward pass a step
 * for whoever has weight. Maps are built once a pair of vocabularies, by the first answer with that
 * reference, by the square of their size: 20 s for two of 20,000 random pieces, half of them in
 * common, on a busy core.
 *
 * <p>Departures from the paper: L is in nats a character, not a token, as the members' tokens
 * differ (prompt tokens without text do not count, nor does the first token). Weights are found
 * once from the prompt and hold for the answer. opt looks at the last {@value #PLACES} places at
 * most where all members begin a token of the same text; where there is none, sim's weights stand.
 * Of several nearest pieces the one that shares the longest beginning is taken, where the published
 * code takes the first by id. Logarithms of probabilities take the logits' place, which gives the
 * same softmax. Where the prompt tells nothing (it has one token), the weights of the recipe stand,
 * and its heaviest member is the reference. An answer that asks for a temperature is drawn from the
 * softmax. A member whose numbers are NaN is left out from that step on.
 */
public final class PackLlmEnsemble implements JointEnsemble {

  /** Places of a prompt that opt looks at. */
  static final int PLACES = 64;

  private final Settings settings;

  /** How weights follow from the prompt. */
  public enum Weighting {
    /** By each member's likelihood. */
    SIM,
    /** By the mixture's likelihood, greedily. */
    OPT
  }

  /**
   * What can be set.
   *
   * @param weighting sim or opt
   * @param tau nats a character, above 0; for sim
   */
  public record Settings(
      @Setting(
              help =
                  "How members' weights follow from the prompt: sim, by the softmax of each member's"
                      + " mean log-probability; opt, one member after the other folded in as makes"
                      + " the prompt most probable.")
          Weighting weighting,
      @Setting(
              help =
                  "Temperature of sim's softmax: the larger, the more equal are the weights. A"
                      + " short prompt tells less and wants more.",
              unit = "nats a character",
              min = 0.001,
              max = 1000)
          double tau) {

    /** tau as published. */
    public static final Settings DEFAULTS = new Settings(Weighting.SIM, 1);
  }

  /** The method with these settings. */
  public PackLlmEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    var union = new UnionVocabulary(members);
    var gate = new PerplexityGate(settings, members, union);
    return new FusionPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        gate,
        union,
        // The gate's state brings the one of its reference.
        gate.combiner(0),
        0);
  }
}
