package dev.tutti.router.method.contrastive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Draws;
import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Recorded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * RouterDC's training against its two losses written down as they are in the paper, their slopes by
 * finite differences. Four queries, two of a kind; four members; two dimensions.
 */
class DualContrastTest {

  private static final float[][] X = {{1, 0.2f}, {0.9f, -0.3f}, {-0.2f, 1}, {-0.5f, 0.9f}};
  private static final float[][] QUALITY = {
    {1, 0.25f, 0, Float.NaN}, {0, 1, 1, 0.75f}, {0.5f, 0.5f, 0.5f, 0.5f}, {0, 0, 0.9f, 0}
  };

  // Two best above 0, and two worst of at most a half. Of equal ones the better on average comes
  // first: means 0.375, 0.4375, 0.6, 0.4167. Who is both is a negative.
  private static final int[][] POSITIVES = {{0}, {2, 1}, {2, 1}, {2}};
  private static final int[][] NEGATIVES = {{1, 2}, {0}, {3, 0}, {3, 0}};

  private static final Double[] START = {0.5, -1.2, 0.8, 0.3, 1.1, -0.4};
  private static final double TEMPERATURE = 0.5;
  private static final double RATE = 0.2;
  private static final double DECAY = 0.3;

  /** A query of a batch, one of its kind, and three of the other. */
  private record Sample(int row, int friend, int[] others) {}

  private static RouterDcEstimator.Settings settings(double sampleSample, int clusters, int steps) {
    return new RouterDcEstimator.Settings(
        2, 2, TEMPERATURE, sampleSample, clusters, steps, RATE, DECAY);
  }

  private static List<Sample> batch(int step) {
    return IntStream.range(0, 16)
        .mapToObj(
            i -> {
              int row = (i * 3 + step) % 4;
              int kind = row / 2 * 2;
              int other = 2 - kind;
              return new Sample(
                  row, kind + (i / 4 + step) % 2, new int[] {other, other + i % 2, other + 1});
            })
        .toList();
  }

  private static double loss(double[] p, double[] e, List<Sample> batch, double sampleSample) {
    double sum = 0;
    for (Sample sample : batch) {
      double[] query = unit(p, sample.row());
      double[][] negatives =
          IntStream.of(NEGATIVES[sample.row()])
              .mapToObj(m -> unit(e, m, 0))
              .toArray(double[][]::new);
      for (int positive : POSITIVES[sample.row()]) {
        sum += contrast(query, unit(e, positive, 0), negatives);
      }
      if (sampleSample > 0) {
        double[][] others =
            IntStream.of(sample.others()).mapToObj(i -> unit(p, i)).toArray(double[][]::new);
        sum += sampleSample * contrast(query, unit(p, sample.friend()), others);
      }
    }
    return sum / batch.size();
  }

  private static double contrast(double[] query, double[] positive, double[][] negatives) {
    double best = Math.exp(Vectors.dot(query, positive) / TEMPERATURE);
    double all = best;
    for (double[] negative : negatives) {
      all += Math.exp(Vectors.dot(query, negative) / TEMPERATURE);
    }
    return -Math.log(best / all);
  }

  private static double[] unit(double[] p, int row) {
    return Vectors.unit(
        new double[] {p[0] * X[row][0] + p[1] * X[row][1], p[2] * X[row][0] + p[3] * X[row][1]});
  }

  private static double[] unit(double[] e, int member, int from) {
    return Vectors.unit(Arrays.copyOfRange(e, from + 2 * member, from + 2 * member + 2));
  }

  private static List<Double> start() {
    return new ArrayList<>(List.of(START));
  }

  private static double[] projection() {
    return IntStream.range(0, 4).mapToDouble(i -> START[i] / Math.sqrt(2)).toArray();
  }

  private static double[] members() {
    return IntStream.range(0, 8).mapToDouble(i -> 0.78 * START[4 + i % 2]).toArray();
  }

  private static void assertTrains(double sampleSample, int clusters, List<Double> draws) {
    int steps = 4;
    double[] p = projection();
    double[] e = members();
    var onP = new Adam(p, RATE, DECAY);
    var onE = new Adam(e, RATE, 0);
    for (int step = 0; step < steps; step++) {
      List<Sample> batch = batch(step);
      double weight = clusters == 1 ? 0 : sampleSample;
      double[] byP = FiniteDifferences.slopes(w -> loss(w, e, batch, weight), p);
      double[] byE = FiniteDifferences.slopes(w -> loss(p, w, batch, weight), e);
      Vectors.add(onP.gradient(), 1, byP);
      Vectors.add(onE.gradient(), 1, byE);
      onP.step();
      onE.step();
      for (Sample sample : batch) {
        draws.add((sample.row() + 0.5) / 4);
        if (weight > 0) {
          draws.add(sample.friend() % 2 * 0.5 + 0.25);
          // One of its own kind is drawn again.
          draws.add((sample.row() + 0.5) / 4);
          IntStream.of(sample.others()).forEach(other -> draws.add((other + 0.5) / 4));
        }
      }
    }
    var written = new Draws(draws.toArray(Double[]::new));
    RouterDcEstimator fitted =
        RouterDcEstimator.fit(
            Recorded.outcomes(List.of("a", "b", "c", "d"), X, QUALITY),
            settings(sampleSample, clusters, steps),
            written);
    assertArrayEquals(p, Vectors.doubles(fitted.parameters().matrix("projection").values()), 1e-3);
    assertArrayEquals(e, Vectors.doubles(fitted.parameters().matrix("members").values()), 1e-3);
    assertEquals(0, written.left());
  }

  @Test
  void bothLossesAreDescended() {
    // The first start is row 0, the second row 3: squares 0, 0.26, 2.08, 2.74.
    List<Double> draws = start();
    draws.addAll(List.of(0.1, 0.9));
    assertTrains(0.7, 2, draws);
  }

  @Test
  void withoutAWeightOrWithoutAnotherKindOnlyMembersAreContrasted() {
    List<Double> draws = start();
    draws.addAll(List.of(0.1, 0.9));
    assertTrains(0, 2, draws);
    draws = start();
    draws.add(0.1);
    assertTrains(0.7, 1, draws);
  }

  @Test
  void membersStartAlike() {
    List<Double> draws = start();
    draws.add(0.1);
    var training =
        new DualContrast(
            Recorded.outcomes(List.of("a", "b", "c", "d"), X, QUALITY),
            settings(1, 1, 1),
            new Draws(draws.toArray(Double[]::new)));
    assertArrayEquals(projection(), Vectors.doubles(training.projection().values()), 1e-7);
    assertEquals(2, training.projection().columns());
    assertArrayEquals(members(), Vectors.doubles(training.members().values()), 1e-7);
    assertEquals(4, training.members().rows());
  }

  @Test
  void whoWasInterruptedGivesUp() {
    var training =
        new DualContrast(
            Recorded.outcomes(List.of("a", "b", "c", "d"), X, QUALITY),
            settings(1, 2, 1),
            new SplittableRandom(1));
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, training::step);
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
