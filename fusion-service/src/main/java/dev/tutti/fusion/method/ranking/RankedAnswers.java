package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.numerics.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Answers with a score each, and the one that is given: of those that are not blank and have a vote
 * the one with the greatest score; of equals that of the member with the higher prior, else the
 * first. Where all are blank or have none, they are equals in this.
 *
 * @param scores at least 0
 * @param best its place
 */
record RankedAnswers(double[] scores, int best) {

  private static final double ROUNDING = 1e-12;

  /**
   * Ranks.
   *
   * @param features of the candidates, a row each
   * @param score of an answer by its features
   */
  static RankedAnswers of(Candidates candidates, Matrix features, ToDoubleFunction<float[]> score) {
    var scores = new double[candidates.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score.applyAsDouble(features.row(i));
    }
    return new RankedAnswers(scores, best(candidates.answers(), scores));
  }

  /** Place of the one that is given. */
  static int best(List<Answer> answers, double[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      best = isBetter(answers, scores, i, best) ? i : best;
    }
    return best;
  }

  /** Whether one is given before the other. */
  static boolean isBetter(List<Answer> answers, double[] scores, int one, int other) {
    if (saysNothing(answers.get(one)) != saysNothing(answers.get(other))) {
      return saysNothing(answers.get(other));
    }
    double more = scores[one] - scores[other];
    return Math.abs(more) <= ROUNDING
        ? answers.get(one).prior() > answers.get(other).prior()
        : more > 0;
  }

  private static boolean saysNothing(Answer answer) {
    return answer.isWithoutVote() || answer.text().isBlank() && answer.isText();
  }

  /** The best one's score. */
  double most() {
    return scores[best];
  }

  /** The scores, scaled to sum to 1; all alike where all are 0. */
  List<Double> weights() {
    double sum = Arrays.stream(scores).sum();
    return Arrays.stream(scores).mapToObj(s -> sum > 0 ? s / sum : 1.0 / scores.length).toList();
  }
}
