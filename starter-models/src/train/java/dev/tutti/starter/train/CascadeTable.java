package dev.tutti.starter.train;

import dev.tutti.starter.TaskItem;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a cascade of two models is worth at each threshold on the probability of the first one's
 * whole answer: the second is asked too where the first is less sure. A model's price a token is
 * its number of parameters; every token read (begin token included) and written (end token
 * included) counts.
 */
final class CascadeTable {

  /** A cheaper cascade may be right this much less often than the second one: half a point. */
  private static final int LOSES_AT_MOST_ONE_IN = 200;

  /** A second price list: a written token costs as much as this many read ones. */
  private static final double DEARER = 3;

  /** Ask never, in steps of a twentieth, finer near certainty, ask always. */
  private static final double[] THRESHOLDS =
      IntStream.concat(
              IntStream.rangeClosed(0, 19).map(i -> 50 * i), IntStream.of(970, 980, 990, 995, 1001))
          .mapToDouble(i -> i / 1000.0)
          .toArray();

  private final Stage first;
  private final Stage second;

  CascadeTable(Stage first, Stage second) {
    this.first = first;
    this.second = second;
  }

  /** One line a threshold, then the cheapest one that keeps the second one's accuracy. */
  void print() {
    System.out.printf(
        "cascade; tokens a question %.2f then %.2f, price a token 1 to %.2f%n",
        first.tokens(), second.tokens(), second.parameters / (double) first.parameters);
    System.out.println(
        "threshold, accepted, right among them, accuracy, cost against the second one alone (and"
            + " where a written token costs three read ones)");
    Row cheapest = null;
    for (double threshold : THRESHOLDS) {
      Row row = row(threshold);
      System.out.printf(
          "  %5.3f  %5.1f %%  %5.1f %%  %5.1f %%  %5.1f %%  (%5.1f %%)%n",
          threshold,
          100 * row.accepted,
          100 * row.rightAmongThem,
          100 * (HeldOut.share(second.right) - row.lost / (double) second.right.length),
          100 * row.cost / second.cost(1),
          100 * row.costWrittenDearer / second.cost(DEARER));
      if (row.lost * LOSES_AT_MOST_ONE_IN <= second.right.length
          && (cheapest == null || row.cost < cheapest.cost)) {
        cheapest = row;
      }
    }
    System.out.println(
        "  cheapest within half a point of the second one: "
            + (cheapest == null ? "none" : cheapest.threshold));
  }

  private Row row(double threshold) {
    int questions = first.right.length;
    boolean[] asked = new boolean[questions];
    int accepted = 0;
    int acceptedRight = 0;
    int lost = 0;
    for (int i = 0; i < questions; i++) {
      Answer answer = first.answers.get(i);
      asked[i] = !(answer.ended() && answer.probability() >= threshold);
      accepted += asked[i] ? 0 : 1;
      acceptedRight += !asked[i] && first.right[i] ? 1 : 0;
      lost += asked[i] ? 0 : (second.right[i] ? 1 : 0) - (first.right[i] ? 1 : 0);
    }
    return new Row(
        threshold,
        accepted / (double) questions,
        accepted == 0 ? 1 : acceptedRight / (double) accepted,
        lost,
        cost(asked, 1),
        cost(asked, DEARER));
  }

  private double cost(boolean[] asked, double writtenPrice) {
    double later = 0;
    for (int i = 0; i < asked.length; i++) {
      later += asked[i] ? second.cost(i, writtenPrice) : 0;
    }
    return first.cost(writtenPrice) + later / asked.length;
  }

  /**
   * A model of the cascade with its answers to all questions.
   *
   * @param read tokens of each question, begin token included
   */
  record Stage(long parameters, int[] read, List<Answer> answers, boolean[] right) {

    static Stage of(
        Recipe recipe, List<TaskItem> questions, List<Answer> answers, boolean[] right) {
      BpeVocabulary vocabulary = recipe.vocabulary();
      int[] read =
          questions.stream().mapToInt(q -> 1 + vocabulary.encode(q.prompt()).length).toArray();
      return new Stage(recipe.architecture(vocabulary).parameters(), read, answers, right);
    }

    private double tokens() {
      return cost(1) / parameters;
    }

    /** Cost of answering everything, a question. */
    private double cost(double writtenPrice) {
      return IntStream.range(0, read.length).mapToDouble(i -> cost(i, writtenPrice)).sum()
          / read.length;
    }

    private double cost(int question, double writtenPrice) {
      Answer answer = answers.get(question);
      int written = answer.tokens().length + (answer.ended() ? 1 : 0);
      return parameters * (read[question] + writtenPrice * written);
    }
  }

  /**
   * A threshold's figures.
   *
   * @param accepted share of the questions that only the first model answers
   * @param rightAmongThem share of those that it answers rightly
   * @param lost right answers fewer than the second one's alone; negative: more
   * @param cost a question, every token at the same price
   * @param costWrittenDearer a question, by the second price list
   */
  private record Row(
      double threshold,
      double accepted,
      double rightAmongThem,
      int lost,
      double cost,
      double costWrittenDearer) {}
}
