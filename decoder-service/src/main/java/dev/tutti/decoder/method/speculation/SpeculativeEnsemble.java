package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.OneVocabulary;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Speculative Ensemble: what a step-by-step ensemble of members of one vocabulary would write, with
 * fewer forward passes, as one member proposes several tokens and another checks all of them in one
 * pass.
 *
 * <p>Paper: Fu et al., "Speculative Ensemble: Fast Large Language Model Ensemble via Speculation",
 * 2025 (arXiv 2502.01662). The target of a place is {@code r = sum_i w_i p_i} (weighted) or {@code
 * r = softmax(z_0 - alpha z_1)} (contrastive: an expert's logits against an amateur's). A token y
 * that was drawn from {@code q}, which is what its proposer alone holds, stays with the probability
 * {@code min(1, r(y) / q(y))}; otherwise one that is drawn from {@code norm(max(0, r - q))} takes
 * its place, and what was proposed behind it is void. The answer is distributed exactly by r. At
 * temperature 0 y stays where it is {@code argmax r}. Whoever checks has read all proposals and so
 * knows what follows them: its own draw from that is the first token of the next proposal, so that
 * members take turns and nobody's pass is for nothing.
 *
 * <p>Of more than two members each has its turn in the order of the recipe, and a token is decided
 * once all have told what they hold in its place. After one that did not stay the first member of
 * the recipe proposes again: put the fastest there. {@code proposed} is gamma, one number a member:
 * 1 each suits members that take equally long; a fast one may propose more. alpha is .1 as in the
 * paper; {@code w_i} are the members' weights divided by their sum.
 *
 * <p>Cost of a request: each member reads the prompt once. With two members and an acceptance rate
 * a, a proposal of g tokens takes g passes of its proposer and one of the other, and decides {@code
 * (1 - a^(g+1)) / (1 - a)} tokens on average; the plain ensemble takes one pass of each a token.
 *
 * <p>Departures from the paper: temperature, top-k and top-p shape r, as the plain ensemble's, and
 * q, not each member before they are combined; so the answer is that of the plain ensemble at any
 * temperature. The first token is a plain step, as all have to read the prompt anyway. Usage tells
 * what the plain ensemble's would; tokens that did not stay are nobody's. A member whose numbers
 * are NaN, behind a proposal too, is left out from there on. Members of different vocabularies, a
 * contrast of other than two members, and a proposal length that is not whole are refused.
 */
public final class SpeculativeEnsemble implements JointEnsemble, OneVocabulary {

  private final Settings settings;

  /** What the answer is drawn from. */
  public enum Target {
    /** The weighted mean of the members' probabilities. */
    WEIGHTED,
    /** An expert's logits less a share of an amateur's. */
    CONTRASTIVE
  }

  /**
   * What can be set.
   *
   * @param target what the answer is drawn from
   * @param alpha share of the amateur's logits, in [0, 1]
   * @param expert index of the expert
   * @param proposed tokens that a member proposes at a time, whole numbers from 1 to 16; one for
   *     all members or one each
   */
  public record Settings(
      @Setting(
              help =
                  "What the answer is drawn from: the weighted mean of two or more members, or one"
                      + " member's logits less a share of another's.")
          Target target,
      @Setting(
              help =
                  "Share of the amateur's logits that is taken from the expert's; it counts only"
                      + " where the target is contrastive.",
              min = 0,
              max = 1)
          double alpha,
      @Setting(
              help =
                  "Position of the expert among the members, from 0; it counts only where the target"
                      + " is contrastive.",
              min = 0,
              max = 63)
          int expert,
      @Setting(
              help =
                  "Tokens that a member proposes before the next one checks them; one number for all"
                      + " members, or one each.",
              min = 1,
              max = 16)
          List<Double> proposed)
      implements FitsMembers {

    /** alpha as in the paper; one token, which costs nobody anything where members are alike. */
    public static final Settings DEFAULTS = new Settings(Target.WEIGHTED, .1, 0, List.of(1.0));

    /** Keeps its own copy. */
    public Settings {
      proposed = List.copyOf(proposed);
    }

    @Override
    public void requireFit(int members) {
      if (proposed.size() != 1 && proposed.size() != members) {
        throw new IllegalArgumentException(
            "proposed has %d numbers; with %d members it must have 1 or %d."
                .formatted(proposed.size(), members, members));
      }
      for (double tokens : proposed) {
        if (tokens != Math.rint(tokens)) {
          throw new IllegalArgumentException(
              "proposed has %s; it must be whole numbers.".formatted(tokens));
        }
      }
      if (target == Target.CONTRASTIVE && members != 2) {
        throw new IllegalArgumentException(
            "target is contrastive, which takes 2 members; there are %d.".formatted(members));
      }
      if (expert >= members) {
        throw new IllegalArgumentException(
            "expert is %d; with %d members it must be within 0..%d."
                .formatted(expert, members, members - 1));
      }
    }
  }

  /** The method with these settings. */
  public SpeculativeEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public JointPlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    requireOneVocabulary(members);
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    List<Double> proposed = settings.proposed();
    return new SpeculativePlan(
        List.copyOf(members),
        members.stream().map(member -> member.weight() / sum).toList(),
        new UnionVocabulary(members),
        settings.target() == Target.WEIGHTED ? StepCombiner.MEAN : this::contrast,
        IntStream.range(0, members.size())
            .mapToObj(m -> proposed.get(proposed.size() == 1 ? 0 : m).intValue())
            .toList());
  }

  @Override
  public void requireOneVocabulary(List<TokenMember> members) {
    for (TokenMember member : members) {
      if (!member.tokenizer().sameAs(members.getFirst().tokenizer())) {
        throw new IllegalArgumentException(
            "'%s' has another vocabulary than '%s'; speculative takes members of one vocabulary."
                .formatted(member.name(), members.getFirst().name()));
      }
    }
  }

  /**
   * {@code softmax(z_expert - alpha z_amateur)}, of log-probabilities, which differ from logits by
   * a constant each; who is alone stands as it is.
   */
  private void contrast(List<Vote> votes, double[] r) {
    if (votes.size() == 1) {
      System.arraycopy(votes.getFirst().ratings(), 0, r, 0, r.length);
      return;
    }
    boolean first = votes.getFirst().member() == settings.expert();
    double[] expert = votes.get(first ? 0 : 1).ratings();
    double[] amateur = votes.get(first ? 1 : 0).ratings();
    double max = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < r.length; t++) {
      // What the amateur holds for impossible would be infinitely good.
      r[t] =
          Math.log(expert[t])
              - settings.alpha() * Math.log(Math.max(amateur[t], Double.MIN_NORMAL));
      max = Math.max(max, r[t]);
    }
    double sum = 0;
    for (int t = 0; t < r.length; t++) {
      r[t] = Math.exp(r[t] - max);
      sum += r[t];
    }
    for (int t = 0; t < r.length; t++) {
      r[t] /= sum;
    }
  }
}
