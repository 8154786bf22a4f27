package dev.tutti.decoder.method.token;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.bytes.BytePlan;
import dev.tutti.decoder.bytes.HeadBounds;
import dev.tutti.decoder.bytes.TokenCuts;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * Members of any vocabularies write byte by byte: each one's distribution over its own tokens
 * becomes one over the next byte, and these are averaged.
 *
 * <p>Papers: Hayase, Liu, Smith, Oh, "Sampling from Your Language Model One Byte at a Time" (arXiv
 * 2506.14123), and Phan, Amos, Gat, Havasi, Muckley, Ullrich, "Exact Byte-Level Probabilities from
 * Tokenized Language Models for FIM-Tasks and Model Ensembles" (arXiv 2410.09303). The probability
 * that a text begins by {@code s} is the sum over the covers of s: tokens that spell it, whose last
 * one reaches or crosses its end. With heads h, the ways to cut a beginning of s into tokens, of
 * probability {@code W_h}, and the bytes {@code r_h} behind them:
 *
 * <p>{@code P(b | s) = sum_h W_h sum_(v begins by r_h b) p_h(v) / Z}; the end has {@code sum_(h:
 * r_h empty) W_h p_h(end)}; Z is the sum over the 256 bytes and the end. The mix is {@code sum_m
 * w_m P_m} or, with the geometric mean, {@code prod_m P_m^(w_m)}, scaled to sum 1, where
 * probabilities count as at least 1e-12 where not all are 0. Between the two is {@code (sum_m w_m
 * P_m^(1/2))^2}, scaled, which the papers do not have.
 *
 * <p>Heads are what the tokenizer itself would cut; only a head's last token, which is not complete
 * yet, may be any. Every special token, and the end, is the one end symbol. {@code w_m} are the
 * members' weights divided by their sum. Of the heads those with most mass are kept: at most {@code
 * heads}, and none below the share {@code keep} of all (4 and 1e-3, as the card has them); what is
 * dropped bounds the error, and where the bound passes .05 the heads are found anew. Answers are
 * greedy unless the request names a temperature; temperature, top-p, top-k, seeds and stop strings
 * act on the mix, byte by byte, and so does the bias of a text, on its last byte. Penalties, and
 * biases of texts whose last character is several bytes, act on each member's own tokens, before
 * bytes are made of them.
 *
 * <p>A token of this ensemble is a byte: {@code max_tokens} counts bytes, and so do
 * log-probabilities and the steps in a decision. What members used is counted in their own forward
 * passes.
 *
 * <p>Cost of a request: each member reads the prompt once, and takes a forward pass for every token
 * that some head ends; where its tokens are several bytes, most bytes need none. Departures from
 * the papers: where there are no merge tables a cut is known by encoding the characters around a
 * border; each head has a session of its own, forked from the one that it follows, in place of a
 * tree mask. A member whose numbers are NaN is left out from that step on, and so is one that has
 * no token for a byte of the answer.
 */
public final class ByteExactEnsemble implements JointEnsemble {

  private static final double FLOOR = 1e-12;

  private final Settings settings;

  /** How probabilities are averaged. */
  public enum Mean {
    /** {@code sum_m w_m P_m}: what one member is sure of stands. */
    ARITHMETIC,
    /** {@code (sum_m w_m P_m^(1/2))^2}, scaled: between the other two. */
    ROOT,
    /** {@code prod_m P_m^(w_m)}, scaled: what one member rules out falls. */
    GEOMETRIC
  }

  /**
   * What can be set.
   *
   * @param mean how the members are averaged
   * @param heads most ways to cut the text that each member follows, at least 1
   * @param keep share of a member's mass below which a way is dropped, in [0, 0.5]
   * @param eta see {@link LikelihoodWeights}, and so for the next three
   * @param entropyScale see {@link SureVotes}, nats
   */
  public record Settings(
      @Setting(
              help =
                  "Mean of the members' probabilities: the arithmetic one lets stand what a single"
                      + " member is sure of, the geometric one lets fall what a single one rules"
                      + " out; that of their roots, squared, is between the two.")
          Mean mean,
      @Setting(
              help =
                  "Most ways to cut the text into tokens that each member follows at once; each may"
                      + " take a forward pass a step.",
              min = 1,
              max = 64)
          int heads,
      @Setting(
              help = "Share of a member's mass below which a way to cut the text is dropped.",
              min = 0,
              max = .5)
          double keep,
      @Setting(help = LikelihoodWeights.ETA_HELP, min = 0, max = 10) double eta,
      @Setting(help = LikelihoodWeights.SHARE_HELP, min = 0, max = 1) double share,
      @Setting(help = LikelihoodWeights.PRIOR_HELP, min = 0, max = 10) double prior,
      @Setting(help = LikelihoodWeights.ASLEEP_HELP, min = 0, max = .5) double asleep,
      @Setting(help = SureVotes.HELP, unit = "nats", min = 0, max = 100) double entropyScale)
      implements FitsMembers {

    /** As the card has them; weights stay as they are. */
    public static final Settings DEFAULTS = new Settings(Mean.ARITHMETIC, 4, 1e-3, 0, 0, 0, 0, 0);

    /** Refuses what would do nothing. */
    public Settings {
      LikelihoodWeights.requireLearning(eta, share, asleep);
    }

    @Override
    public void requireFit(int members) {
      LikelihoodWeights.requireRest(share, asleep, members);
    }
  }

  /** The method with these settings. */
  public ByteExactEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public BytePlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    StepCombiner mean =
        switch (settings.mean()) {
          case ARITHMETIC -> StepCombiner.MEAN;
          case ROOT -> ByteExactEnsemble::root;
          case GEOMETRIC -> ByteExactEnsemble::geometric;
        };
    return new BytePlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        members.stream().map(member -> TokenCuts.of(member.tokenizer())).toList(),
        new HeadBounds(settings.heads(), settings.keep()),
        LikelihoodWeights.of(
            members, settings.eta(), settings.share(), settings.prior(), settings.asleep()),
        SureVotes.of(settings.entropyScale(), mean),
        0);
  }

  private static void root(List<Vote> votes, double[] combined) {
    Arrays.fill(combined, 0);
    for (Vote vote : votes) {
      for (int s = 0; s < combined.length; s++) {
        combined[s] += vote.weight() * Math.sqrt(vote.ratings()[s]);
      }
    }
    for (int s = 0; s < combined.length; s++) {
      combined[s] *= combined[s];
    }
    scale(combined);
  }

  private static void geometric(List<Vote> votes, double[] combined) {
    Arrays.fill(combined, 0);
    for (Vote vote : votes) {
      for (int s = 0; s < combined.length; s++) {
        combined[s] += vote.weight() * Math.log(Math.max(FLOOR, vote.ratings()[s]));
      }
    }
    for (int s = 0; s < combined.length; s++) {
      int symbol = s;
      // What nobody can write stays impossible, or a bias could force it.
      boolean possible = votes.stream().anyMatch(vote -> vote.ratings()[symbol] > 0);
      combined[s] = possible ? Math.exp(combined[s]) : 0;
    }
    scale(combined);
  }

  private static void scale(double[] combined) {
    double sum = Arrays.stream(combined).sum();
    for (int s = 0; s < combined.length; s++) {
      combined[s] /= sum;
    }
  }
}
