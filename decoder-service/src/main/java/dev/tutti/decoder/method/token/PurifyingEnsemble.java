package dev.tutti.decoder.method.token;

import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * Purifying (CP-Delta): untrusted members write together with a benign small one that never saw
 * what must not come out (protected texts, poison, private data), and each answer tells how far it
 * can be from the benign member at most.
 *
 * <p>Paper: Li, Liu, Pang, Du, Guo, Liu, Lin, "Purifying Large Language Models by Ensembling a
 * Small Language Model", 2024 (arXiv 2402.14845); the bound is that of k-near access-freeness
 * (Vyas, Kakade, Barak 2023, arXiv 2302.10870, with CP-Delta). With {@code p_l} of an untrusted
 * member and {@code p_s} of the benign one,
 *
 * <ul>
 *   <li><em>kl</em>: {@code p ∝ p_l^alpha p_s^beta}. With alpha = beta = 1/2 and {@code Z = sum_v
 *       sqrt(p_l p_s)} it minimises {@code KL(p||p_l) + KL(p||p_s)}, whose least is {@code -2 log
 *       Z}, so {@code KL(p||p_s) <= -2 log Z}. For any of them {@code KL(p||p_s) <= (-log Z -
 *       (alpha + beta - 1) H(p)) / beta};
 *   <li><em>max</em>: {@code p ∝ min(p_l, p_s)}, for which {@code log p/p_s <= -log sum_v min} for
 *       every single token.
 * </ul>
 *
 * <p>The answer's bound is the sum over its steps, told in the decision as {@code
 * k_naf_bound_nats}. It is about the distributions that tokens were drawn from: it holds for
 * answers that are sampled at temperature 1 without top-p, top-k, biases or penalties; a greedy
 * answer takes the most probable token of each.
 *
 * <p>alpha and beta are 1/2 (the paper's are not known here). Several untrusted members share alpha
 * by their weights. Cost of a request: each member reads the prompt once and takes one forward pass
 * a step; combining passes twice over the vocabulary.
 *
 * <p>Vocabularies that differ: pieces that all members have can be written, others have no
 * probability. Where a member has less than {@code least_mass} on them in a step, the benign one
 * writes the step alone, which costs the bound {@code -log} of what it gives to pieces of text and
 * the end: nothing but for special tokens. So it does where no piece is possible to all.
 * Probabilities of 0 stay 0, without a floor, under which the bound would not hold. Departures from
 * the paper: more than two members, the bound for other alpha and beta. An untrusted member whose
 * numbers are NaN is left out from that step on; where the benign one's are, the answer ends with
 * an error.
 */
public final class PurifyingEnsemble implements JointEnsemble {

  private final Settings settings;

  /** By which divergence an answer is near to the benign member. */
  public enum Divergence {
    /** In the mean over tokens. */
    KL,
    /** For every token. */
    MAX
  }

  /**
   * What can be set.
   *
   * @param benign index of the benign member
   * @param divergence that is bounded
   * @param alpha exponent of the untrusted members together, at least 0; for kl
   * @param beta exponent of the benign member, above 0; for kl
   * @param leastMass in [0, 1]
   */
  public record Settings(
      @Setting(help = "Position of the benign member among the members, from 0.", min = 0, max = 63)
          int benign,
      @Setting(
              help =
                  "What is bounded: kl, the mean distance from the benign member, by the geometric"
                      + " mean of both; max, the distance of every token, by the lesser of both.")
          Divergence divergence,
      @Setting(
              help = "Exponent of the untrusted members' probabilities, for kl.",
              min = 0,
              max = 10)
          double alpha,
      @Setting(help = "Exponent of the benign member's probability, for kl.", min = 0.01, max = 10)
          double beta,
      @Setting(
              help =
                  "Where a member's pieces that all members have are less probable together than"
                      + " this, the benign member writes the step alone.",
              min = 0,
              max = 1)
          double leastMass)
      implements FitsMembers {

    /** The geometric mean of both. */
    public static final Settings DEFAULTS = new Settings(0, Divergence.KL, .5, .5, .1);

    @Override
    public void requireFit(int members) {
      if (benign >= members) {
        throw new IllegalArgumentException(
            "benign is %d; with %d members it must be within 0..%d."
                .formatted(benign, members, members - 1));
      }
    }
  }

  /** The method with these settings. */
  public PurifyingEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    var union = new UnionVocabulary(members);
    var purification = new Purification(settings, members, union);
    return new FusionPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        StepGate.needing(
            m -> m == settings.benign(), (weights, _) -> new NearAccess(purification, weights, 0)),
        union,
        purification::combine,
        0);
  }
}
