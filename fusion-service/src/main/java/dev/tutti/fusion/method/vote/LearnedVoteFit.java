package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How {@link LearnedVote} is fitted: a softmax regression tells a question's category by its
 * embedding; what it tells of each question when it was fitted to the other two thirds is what a
 * {@link TopicLogit} learns the weights with. Without labels or embeddings there are no topics, and
 * one weight a member. A pure function of the data: no chance is used.
 *
 * <p>By cross-validation within each of five training folds of 28 models' recorded answers to
 * questions of 14 categories, three times the default of {@code shrinkage} has the smaller log-loss
 * and is not surely more often right, so the default stayed. Within the first of them, weights that
 * are linear in the embedding, all options as candidates, and a network or boosted trees over the
 * candidates were not either.
 */
public final class LearnedVoteFit {

  /** Pull of the gate's weights to 0, in a mean over the questions. */
  private static final double GATE_DECAY = 3e-5;

  private static final int GATE_ROUNDS = 150;
  private static final int PARTS = 3;
  private static final int MOST_TOPICS = 256;

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param label of the dataset that tells the category
   * @param ridge pull of the weights over all to 0
   * @param shrinkage pull of what a category adds to 0
   */
  public record Settings(
      @Setting(help = Selector.CANONICAL) AnswerForm canonical,
      @Setting(
              help =
                  "label of the dataset that tells a question's category; none where empty. Requests"
                      + " need none: it is guessed by the question's embedding")
          String label,
      @Setting(help = "pull of the weights over all questions to 0", min = 1e-6, max = 1e9)
          double ridge,
      @Setting(help = "pull of what a category adds to its weights to 0", min = 1e-6, max = 1e9)
          double shrinkage) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, "category", 1, 10);
  }

  private LearnedVoteFit() {}

  /** As {@link FittedSelector#fit}. */
  static TopicWeights fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    List<Ballot> ballots = Ballots.of(data, settings.canonical(), settings.label()).rows();
    List<float[]> queries = data.rows().stream().map(LearnedVoteFit::embedding).toList();
    List<String> categories =
        IntStream.range(0, ballots.size())
            .filter(i -> queries.get(i) != null)
            .mapToObj(i -> ballots.get(i).category())
            .filter(category -> !category.isEmpty())
            .distinct()
            .sorted()
            .toList();
    if (categories.size() > MOST_TOPICS) {
      throw new IllegalArgumentException(
          "Label '%s' has %d values; at most %d are learned apart. Name another label, or none."
              .formatted(settings.label(), categories.size(), MOST_TOPICS));
    }
    int topics = categories.size() < 2 ? 0 : categories.size();
    int[] told =
        IntStream.range(0, topics == 0 ? 0 : ballots.size())
            .filter(i -> queries.get(i) != null && !ballots.get(i).category().isEmpty())
            .toArray();
    var shares = new double[topics];
    var targets = new double[ballots.size()][];
    for (int i : told) {
      targets[i] = new double[topics];
      int topic = categories.indexOf(ballots.get(i).category());
      targets[i][topic] = 1;
      shares[topic] += 1.0 / told.length;
    }
    var logit =
        new TopicLogit(
            ballots, guessed(queries, targets, told, shares), data.members().size(), topics);
    if (logit.size() == 0) {
      throw new IllegalArgumentException(
          "Of %d questions none has two readable answers of which one is better."
              .formatted(ballots.size()));
    }
    double[] weights = logit.fit(settings.ridge(), settings.shrinkage());
    return new TopicWeights(
        data.members(),
        rows(weights, 1 + topics),
        Vectors.doubles(Matrix.row(shares).values()),
        topics == 0 ? new LinearHeads(new Matrix(0, 1)) : gate(queries, targets, told));
  }

  private static float[] embedding(Row row) {
    return row.candidates().evidence().query().orElse(null);
  }

  private static Matrix rows(double[] values, int rows) {
    return new Matrix(rows, values.length / rows, Matrix.row(values).values());
  }

  /** What each question is about, as far as the questions of the other parts tell. */
  private static List<double[]> guessed(
      List<float[]> queries, double[][] targets, int[] told, double[] shares) {
    var guessed = new ArrayList<double[]>(Collections.nCopies(queries.size(), shares));
    for (int part = 0; shares.length > 0 && part < PARTS; part++) {
      int held = part;
      int[] others = Arrays.stream(told).filter(i -> i % PARTS != held).toArray();
      if (others.length == 0) {
        continue;
      }
      LinearHeads gate = gate(queries, targets, others);
      for (int i = part; i < queries.size(); i += PARTS) {
        if (queries.get(i) != null) {
          guessed.set(i, Vectors.softmax(gate.apply(queries.get(i)), 1));
        }
      }
    }
    return guessed;
  }

  private static LinearHeads gate(List<float[]> queries, double[][] targets, int[] places) {
    return LinearHeads.softmax(
        Matrix.of(Arrays.stream(places).mapToObj(queries::get).toList()),
        Arrays.stream(places).mapToObj(i -> targets[i]).toArray(double[][]::new),
        GATE_DECAY,
        GATE_ROUNDS);
  }
}
