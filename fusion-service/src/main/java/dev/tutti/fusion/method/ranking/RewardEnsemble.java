package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Members that score choose among the others' answers: each scorer's rewards are standardised, then
 * combined so that no single one can be pleased alone (Coste et al. 2024, "Reward Model Ensembles
 * Help Mitigate Overoptimization", arXiv:2310.02743).
 *
 * <p>With the k scorers' rewards {@code r_i} of an answer: mean {@code MEAN = 1/k sum r_i}, worst
 * case {@code WCO = min r_i}, uncertainty-weighted {@code UWO = MEAN - lambda 1/k sum (r_i -
 * MEAN)^2}; the answer with the greatest one is given (best of n). lambda is .5, the paper's of
 * best of n.
 *
 * <p>Departures: rewards are standardised over the answers to this question, where the paper does
 * so over its training set; a scorer that finds all answers alike counts 0 for each. The variance
 * is that of the population, as in the paper's code of best of n. An answer that a scorer said
 * nothing of has the rewards of the others; one that nobody scored, as blank ones are, comes behind
 * all that were, and where none was, the member with the highest prior speaks. Among equals the
 * higher prior, else the first. Where answers were run, one that gave nothing that counts is passed
 * over, unless none gave anything. The weights of a decision are the softmax of the combined
 * rewards. Cost per request: one call a proposer, and one call to score a scorer.
 */
public final class RewardEnsemble implements Selector {

  /** Role of members that score. */
  public static final String REWARD = "reward";

  private static final double ROUNDING = 1e-12;

  /** How scorers' rewards become one. */
  public enum Combination {
    /** Their mean. */
    MEAN,
    /** The least of them. */
    WORST_CASE,
    /** Their mean, less their variance. */
    UNCERTAINTY_WEIGHTED
  }

  /** What a scorer's reward of a text is. */
  public enum Reading {
    /** The mean over the text's tokens. */
    TOKEN_MEAN,
    /** The sum over the text's tokens. */
    SUM
  }

  /**
   * Settings.
   *
   * @param combination how scorers' rewards become one
   * @param penalty lambda of the variance
   * @param reading what a scorer's reward is
   * @param canonical form in which answers are compared
   */
  public record Settings(
      @Setting(
              help =
                  "how scorers' rewards become one: their mean, the least of them, or their mean"
                      + " less their variance")
          Combination combination,
      @Setting(
              help = "by how much the variance counts; only uncertainty_weighted reads it",
              min = 0,
              max = 1000)
          double penalty,
      @Setting(
              help =
                  "a scorer's reward of a text is the mean over its tokens, which does not punish"
                      + " long ones where it is a log-likelihood, or the sum")
          Reading reading,
      @Setting(help = "form in which answers are compared for the agreement that a decision tells")
          AnswerForm canonical) {

    /** The defaults. */
    public static final Settings DEFAULTS =
        new Settings(Combination.UNCERTAINTY_WEIGHTED, 0.5, Reading.TOKEN_MEAN, AnswerForm.AUTO);
  }

  private final Settings settings;

  /** An ensemble with these settings. */
  public RewardEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Set<Evidence.Kind> evidence() {
    return Set.of(Evidence.Kind.SCORES);
  }

  @Override
  public Weighing weigh(Query query, Candidates candidates) {
    int answers = candidates.size();
    List<double[]> rewards = new ArrayList<>();
    for (List<Optional<TextScore>> its : candidates.evidence().scores().values()) {
      rewards.add(standardised(its.stream().mapToDouble(this::reward).toArray()));
    }
    var combined = new double[answers];
    for (int i = 0; i < answers; i++) {
      int answer = i;
      combined[i] =
          combined(
              rewards.stream()
                  .mapToDouble(its -> its[answer])
                  .filter(reward -> !Double.isNaN(reward))
                  .toArray());
    }
    int best = best(candidates.answers(), combined);
    return new Weighing(
        softmax(combined),
        AnswerFeatures.compared(settings.canonical(), candidates.answers()),
        best,
        explanation(candidates.answers().get(best).member(), rewards.size(), combined[best]));
  }

  /** Of those that have a vote, where anybody has one. */
  private static int best(List<Answer> answers, double[] combined) {
    boolean all = answers.stream().allMatch(Answer::isWithoutVote);
    return IntStream.range(0, combined.length)
        .filter(i -> all || !answers.get(i).isWithoutVote())
        .reduce((best, i) -> isBetter(answers, combined, i, best) ? i : best)
        .orElseThrow();
  }

  private static boolean isBetter(List<Answer> answers, double[] combined, int one, int other) {
    // Where neither was scored the difference is no number: the higher prior decides.
    boolean tied =
        combined[one] == combined[other] || Math.abs(combined[one] - combined[other]) <= ROUNDING;
    return tied
        ? answers.get(one).prior() > answers.get(other).prior()
        : combined[one] > combined[other];
  }

  /** NaN where there is none. */
  private double reward(Optional<TextScore> score) {
    return score
        .map(
            its ->
                settings.reading() == Reading.SUM || its.tokens().isEmpty()
                    ? its.sum()
                    : its.sum() / its.tokens().size())
        .filter(Double::isFinite)
        .orElse(Double.NaN);
  }

  /** Mean 0 and variance 1 over the answers that were scored; all 0 where they are alike. */
  static double[] standardised(double[] rewards) {
    double[] known = Arrays.stream(rewards).filter(r -> !Double.isNaN(r)).toArray();
    double mean = Arrays.stream(known).average().orElse(0);
    double deviation = Math.sqrt(variance(known, mean));
    double least = ROUNDING * Math.max(1, Math.abs(mean));
    return Arrays.stream(rewards)
        .map(r -> Double.isNaN(r) ? r : deviation <= least ? 0 : (r - mean) / deviation)
        .toArray();
  }

  private static double variance(double[] rewards, double mean) {
    return Arrays.stream(rewards).map(r -> (r - mean) * (r - mean)).average().orElse(0);
  }

  /** Minus infinity where nobody scored it. */
  private double combined(double[] rewards) {
    if (rewards.length == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    double mean = Arrays.stream(rewards).average().orElseThrow();
    return switch (settings.combination()) {
      case MEAN -> mean;
      case WORST_CASE -> Arrays.stream(rewards).min().orElseThrow();
      case UNCERTAINTY_WEIGHTED -> mean - settings.penalty() * variance(rewards, mean);
    };
  }

  private static List<Double> softmax(double[] combined) {
    double greatest = Arrays.stream(combined).max().orElseThrow();
    if (Double.isInfinite(greatest)) {
      return Arrays.stream(combined).mapToObj(_ -> 1.0 / combined.length).toList();
    }
    double[] raw = Arrays.stream(combined).map(c -> Math.exp(c - greatest)).toArray();
    double sum = Arrays.stream(raw).sum();
    return Arrays.stream(raw).mapToObj(w -> w / sum).toList();
  }

  private static String explanation(String member, int scorers, double combined) {
    return Double.isInfinite(combined)
        ? "Nobody scored an answer; the member with the highest prior speaks."
        : String.format(
            Locale.ROOT,
            "%d scorers find the answer of %s the best, %.2f deviations above the mean.",
            scorers,
            member,
            combined);
  }
}
