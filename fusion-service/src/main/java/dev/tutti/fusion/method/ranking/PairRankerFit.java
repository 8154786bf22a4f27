package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.features.FeatureRows;
import dev.tutti.fusion.method.ranking.PairNetwork.Pair;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How {@link PairRanker} is fitted: of pairs of answers to one question that were scored
 * differently the head learns which one is better, by the binary cross-entropy of {@code s(i, j)}
 * with {@code (1 + q_i - q_j) / 2}, where the scores q lie within 0 and 1. Each question counts
 * alike, however many pairs it has.
 */
public final class PairRankerFit {

  private static final int BATCH = 32;

  /** Itself, its gradient, two moments, and as it is kept. */
  private static final int BYTES_A_WEIGHT = 4 * Double.BYTES + Float.BYTES;

  /**
   * Settings of the fit.
   *
   * @param hidden size of the head's hidden layer
   * @param epochs how often each question is seen
   * @param pairs of a question that are looked at each time
   * @param rate length of the first step; it falls to 0
   * @param decay of the weights, per step and rate; times rate below 1
   */
  public record Settings(
      @Setting(help = "size of the head's hidden layer", min = 1, max = 256) int hidden,
      @Setting(help = "how often each question is seen", min = 1, max = 1000) int epochs,
      @Setting(
              help = "most pairs of a question that are looked at each time, drawn anew",
              min = 1,
              max = 10_000)
          int pairs,
      @Setting(help = "length of the first step; it falls to 0", min = 1e-6, max = 1) double rate,
      @Setting(
              help = "decay of the weights, per step and rate; rate x decay is below 1",
              min = 0,
              max = 100)
          double decay) {

    /** The defaults: chosen on training folds of recorded answers. */
    public static final Settings DEFAULTS = new Settings(16, 20, 16, 3e-3, 1);

    /** A step that takes away all of a weight or more makes weights grow without end. */
    public Settings {
      if (!(rate * decay < 1)) {
        throw new IllegalArgumentException(
            "rate x decay is %s x %s; it must be below 1.".formatted(rate, decay));
      }
    }
  }

  private PairRankerFit() {}

  static long bytes(long answers, int members, Settings settings) {
    long weights = 2L * settings.hidden() * (AnswerFeatures.columns(members) + 1);
    return FeatureRows.bytes(answers, members, 1, 0, 1) + weights * BYTES_A_WEIGHT;
  }

  /** As {@link FittedSelector#fit}. */
  static PairHead fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    return fit(
        data.members(), FeatureRows.of(data, new AnswerFeatures(data.members())), settings, random);
  }

  static PairHead fit(
      List<String> members, FeatureRows rows, Settings settings, RandomGenerator random) {
    int[] telling =
        IntStream.range(0, rows.questions()).filter(q -> !pairs(rows, q).isEmpty()).toArray();
    if (telling.length == 0) {
      throw new IllegalArgumentException(
          "Of %d questions none has an answer that is better than another."
              .formatted(rows.questions()));
    }
    Matrix scale = PairHead.scale(rows.features());
    var network = new PairNetwork(scale.columns(), settings.hidden(), random);
    var adam = new Adam(network.values, settings.rate(), settings.decay());
    int batches = (telling.length + BATCH - 1) / BATCH;
    long steps = (long) batches * settings.epochs();
    for (long step = 0; step < steps; ) {
      int[] order = Shuffle.of(telling.length, random);
      for (int from = 0; from < order.length; from += BATCH) {
        Interruption.check();
        int count = Math.min(BATCH, order.length - from);
        for (int i = from; i < from + count; i++) {
          int question = telling[order[i]];
          network.learn(
              PairHead.scaled(scale, rows.of(question)),
              some(pairs(rows, question), settings.pairs(), random),
              1.0 / count,
              adam.gradient());
        }
        adam.step(settings.rate() * (1 - (double) step / steps));
        step++;
      }
    }
    var head = new PairHead(members, scale, network.first(), network.out());
    if (!isFinite(scale) || !isFinite(head.first()) || !isFinite(head.out())) {
      throw new IllegalArgumentException(
          "The head does not converge, its weights grow without end: nothing can be learned from"
              + " these answers with a rate of %s.".formatted(settings.rate()));
    }
    return head;
  }

  private static boolean isFinite(Matrix matrix) {
    for (float value : matrix.values()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Those of a question's answers that were scored differently, each pair once. */
  static List<Pair> pairs(FeatureRows rows, int question) {
    var pairs = new ArrayList<Pair>();
    int first = rows.first()[question];
    int answers = rows.first()[question + 1] - first;
    for (int i = 0; i < answers; i++) {
      for (int j = i + 1; j < answers; j++) {
        float difference = rows.targets()[first + i] - rows.targets()[first + j];
        if (difference != 0) {
          pairs.add(new Pair(i, j, (1 + difference) / 2));
        }
      }
    }
    return pairs;
  }

  private static List<Pair> some(List<Pair> pairs, int most, RandomGenerator random) {
    return pairs.size() <= most
        ? pairs
        : Arrays.stream(Shuffle.of(pairs.size(), random)).limit(most).mapToObj(pairs::get).toList();
  }
}
