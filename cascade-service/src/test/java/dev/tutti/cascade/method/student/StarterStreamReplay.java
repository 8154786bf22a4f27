package dev.tutti.cascade.method.student;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.student.NeuralCache.Advice;
import dev.tutti.cascade.method.student.NeuralCache.Kind;
import dev.tutti.cascade.method.student.NeuralCache.Settings;
import dev.tutti.cascade.replay.StarterCascades;
import dev.tutti.kit.testing.ReplayReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A stream of the starter tasks' questions, of which the best single model is asked a share and a
 * student answers the rest, by what it learned on the way.
 */
public final class StarterStreamReplay {

  private static final String STRONG = "generalist";
  private static final double[] SHARES = {.1, .2, .3, .4, .5, .6, .8};
  private static final int SEEDS = 5;
  private static final int QUESTIONS = 2_000;

  private StarterStreamReplay() {}

  /** Adds its rows. */
  public static void run(StarterCascades starter, ReplayReport report) {
    RecordedOutcomes held = starter.held(List.of(STRONG));
    for (boolean again : new boolean[] {true, false}) {
      String set = again ? "starter/mixed, questions come again" : "starter/mixed, each once";
      for (double share : SHARES) {
        if (!again && share != .2 && share != .5 && share != .8) {
          continue;
        }
        var accuracies = new EnumMap<Strategy, double[]>(Strategy.class);
        for (Strategy strategy : Strategy.values()) {
          var accuracy = new double[SEEDS];
          for (int seed = 0; seed < SEEDS; seed++) {
            accuracy[seed] =
                accuracy(
                    starter, stream(held, again, seed), strategy, Kind.NEIGHBOURS, share, seed);
          }
          accuracies.put(strategy, accuracy);
          report.add(
              set,
              "neural-caching, " + name(strategy),
              "accuracy at %.1f strong calls".formatted(share),
              mean(accuracy));
        }
        if (again) {
          above(accuracies, set, share, report);
        }
      }
    }
    softmax(starter, held, report);
    report.note(
        "starter/mixed, neural-caching: %d held-out questions of ten tasks in a stream, drawn by popularity (the k-th is asked in proportion to 1/k, %d orders) so that questions come again, or each once; generalist is the strong member, always asked %.3f of them are right. Neighbours on sentence embeddings are the student, learned anew every 100 questions, from the first 100 answers on; 100 and 100, the paper's, were the best of four choices on the generated questions. At a share of .1 half of the calls are those first ones, and front_load is not beaten: margin and committee are above random and front_load from .2 on. Each once there is hardly anything to learn. softmax is the default student: of its 64 most frequent answers, which few of these questions have; for open answers choose neighbours."
            .formatted(QUESTIONS, SEEDS, held.score(0)));
  }

  /** The default student beside the same stream and strategies. */
  private static void softmax(StarterCascades starter, RecordedOutcomes held, ReplayReport report) {
    for (double share : new double[] {.2, .5, .8}) {
      for (Strategy strategy : List.of(Strategy.MARGIN, Strategy.RANDOM, Strategy.FRONT_LOAD)) {
        var accuracy = new double[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
          accuracy[seed] =
              accuracy(starter, stream(held, true, seed), strategy, Kind.SOFTMAX, share, seed);
        }
        report.add(
            "starter/mixed, questions come again",
            "neural-caching, " + name(strategy) + ", softmax",
            "accuracy at %.1f strong calls".formatted(share),
            mean(accuracy));
      }
    }
  }

  private static String name(Strategy strategy) {
    return strategy.name().toLowerCase(Locale.ROOT);
  }

  private static void above(
      Map<Strategy, double[]> accuracies, String set, double share, ReplayReport report) {
    for (Strategy strategy : List.of(Strategy.MARGIN, Strategy.COMMITTEE)) {
      for (Strategy plain : List.of(Strategy.RANDOM, Strategy.FRONT_LOAD)) {
        var differences = new double[SEEDS];
        for (int seed = 0; seed < SEEDS; seed++) {
          differences[seed] = accuracies.get(strategy)[seed] - accuracies.get(plain)[seed];
        }
        double mean = mean(differences);
        double square = 0;
        for (double its : differences) {
          square += (its - mean) * (its - mean);
        }
        String metric = "accuracy at %.1f strong calls, less %s's".formatted(share, name(plain));
        report.add(set, "neural-caching, " + name(strategy), metric, mean);
        report.add(
            set,
            "neural-caching, " + name(strategy),
            metric + ": standard error over the orders",
            Math.sqrt(square / (SEEDS - 1) / SEEDS));
        // Of 200 calls the first 100 are everybody's.
        assertTrue(mean > 0 || share < .2, strategy + " is not above " + plain + " at " + share);
      }
    }
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value / values.length;
    }
    return sum;
  }

  private static List<Row> stream(RecordedOutcomes held, boolean again, int seed) {
    var random = new SplittableRandom(seed);
    var order = new ArrayList<>(held.rows());
    for (int i = order.size() - 1; i > 0; i--) {
      Collections.swap(order, i, random.nextInt(i + 1));
    }
    if (!again) {
      return order.subList(0, Math.min(order.size(), QUESTIONS));
    }
    var sums = new double[order.size()];
    double sum = 0;
    for (int k = 0; k < sums.length; k++) {
      sum += 1.0 / (k + 1);
      sums[k] = sum;
    }
    var stream = new ArrayList<Row>();
    while (stream.size() < QUESTIONS) {
      int place = Arrays.binarySearch(sums, sum * random.nextDouble());
      stream.add(order.get(Math.min(order.size() - 1, place < 0 ? -place - 1 : place)));
    }
    return stream;
  }

  /** The budget is spent to the last call, as the paper has it. */
  private static double accuracy(
      StarterCascades starter,
      List<Row> stream,
      Strategy strategy,
      Kind student,
      double share,
      int seed) {
    var random = new SplittableRandom(seed);
    NeuralCache cache = NeuralCache.of(new Settings(strategy, student, share, 100, 100, 10_000));
    int left = (int) Math.round(share * stream.size());
    double right = 0;
    for (int i = 0; i < stream.size(); i++) {
      Row row = stream.get(i);
      float[] embedding = row.embedding().orElseThrow();
      double rate = (double) left / (stream.size() - i);
      Advice advice = cache.adviseAt(embedding, random.nextDouble(), rate);
      boolean ask = left > 0 && (advice.ask() || rate >= 1);
      String strong = row.outcomes().getFirst().orElseThrow().text();
      if (ask) {
        left--;
        right += row.score(0);
      } else {
        String answer = advice.answer().orElse("");
        right +=
            answer.equals(strong) ? row.score(0) : answer.equals(starter.reference(row)) ? 1 : 0;
      }
      cache =
          cache.fold(
              List.of(
                  Observation.of(
                      advice.need(),
                      ask,
                      share,
                      ask ? Optional.of(new Example(embedding, strong)) : Optional.empty())));
    }
    return right / stream.size();
  }
}
