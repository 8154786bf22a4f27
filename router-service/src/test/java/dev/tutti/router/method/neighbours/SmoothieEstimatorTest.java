package dev.tutti.router.method.neighbours;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.TripletQuality;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.neighbours.SmoothieEstimator.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SmoothieEstimatorTest extends FittedMethodContract {

  private static final List<String> ABC = List.of("a", "b", "c");
  private static final float NAN = Float.NaN;

  @Override
  protected String name() {
    return "smoothie-train";
  }

  @Test
  void oneOrTwoTellNothingOfEachOther() {
    for (int members : new int[] {1, 2}) {
      Outcomes few = Recorded.specialists(members, 40, 3);
      assertThrows(
          IllegalArgumentException.class,
          () -> SmoothieEstimator.fit(few, new Settings(), new SplittableRandom(1)));
    }
  }

  /** Distances of the pairs (a, b), (a, c), (b, c), or of as many as there are. */
  private static SmoothieEstimator fit(
      Settings settings, List<String> members, float[][] x, float[][] distances) {
    var wrong = new Matrix(x.length, members.size());
    return SmoothieEstimator.fit(
        new Outcomes(
            members,
            Matrix.of(List.of(x)),
            new Matrix(0, 0),
            wrong,
            new Matrix(0, 0),
            Collections.nCopies(x.length, ""),
            Matrix.of(List.of(distances))),
        settings,
        new SplittableRandom(1));
  }

  /** Errors (2 + 5 - 5) / 2 = 1, 1 and (5 + 5 - 2) / 2 = 4, so 1 : 1 : 1/4. */
  @Test
  void theClosedFormByHand() {
    for (int neighbours : new int[] {0, 20}) {
      Estimate estimate =
          fit(new Settings(neighbours, 0), ABC, new float[][] {{1, 0}}, new float[][] {{2, 5, 5}})
              .estimate(Recorded.query(0, 1));
      assertArrayEquals(new double[] {4 / 9.0, 4 / 9.0, 1 / 9.0}, estimate.quality(), 1e-9);
      assertEquals(Estimate.Scale.PREFERENCE, estimate.scale());
      assertEquals(0.8, estimate.beats(0, 2), 1e-9);
    }
  }

  /** East: (4, 4, 2), a the worst: errors 3, 1, 1. North: c is, 1, 1, 3. All: (3, 4, 3). */
  @Test
  void similarQueriesTellWhomToAsk() {
    float[][] x = {{1, 0}, {0, 1}};
    float[][] distances = {{4, 4, 2}, {2, 4, 4}};
    SmoothieEstimator one = fit(new Settings(1, 0), ABC, x, distances);
    assertArrayEquals(
        new double[] {1 / 7.0, 3 / 7.0, 3 / 7.0},
        one.estimate(Recorded.query(0.8f, 0.6f)).quality(),
        1e-9);
    assertArrayEquals(
        new double[] {3 / 7.0, 3 / 7.0, 1 / 7.0},
        one.estimate(Recorded.query(0.6f, 0.8f)).quality(),
        1e-9);
    // Errors 2, 1 and 2 over both.
    for (int neighbours : new int[] {0, 2, 20}) {
      assertArrayEquals(
          new double[] {0.25, 0.5, 0.25},
          fit(new Settings(neighbours, 0), ABC, x, distances)
              .estimate(Recorded.query(1, 0))
              .quality(),
          1e-9);
    }
    // Of all queries nothing is looked at, whatever embeds it.
    fit(new Settings(0, 0), ABC, x, distances).estimate(Recorded.query(1, 0, 0));
  }

  @Test
  void aPairThatNoNeighbourTellsHasItsMeanOverAll() {
    float[][] x = {{1, 0}, {0, 1}, {-1, 0}};
    float[][] distances = {{2, NAN, NAN}, {4, 5, 5}, {NAN, 5, 5}};
    // Near the first, (2, 5, 5): errors 1, 1, 4.
    assertArrayEquals(
        new double[] {4 / 9.0, 4 / 9.0, 1 / 9.0},
        fit(new Settings(1, 0), ABC, x, distances).estimate(Recorded.query(1, 0)).quality(),
        1e-9);
  }

  /** The nearest query of all has one answer: the next one is looked at. */
  @Test
  void whoseAnswersAreNotThereIsNoNeighbour() {
    float[][] x = {{1, 0}, {0.8f, 0.6f}, {0, 1}};
    float[][] distances = {{NAN, NAN, NAN}, {4, 4, 2}, {2, 4, 4}};
    assertArrayEquals(
        new double[] {1 / 7.0, 3 / 7.0, 3 / 7.0},
        fit(new Settings(1, 0), ABC, x, distances).estimate(Recorded.query(1, 0)).quality(),
        1e-9);
  }

  /** d says what a says: alone a, b and c count, and d has a's weight. */
  @Test
  void clonesAreOneVoice() {
    float[][] distances = {{2, 5, 0, 5, 2, 5}};
    var four = List.of("a", "b", "c", "d");
    double[] one =
        fit(new Settings(5, 0.01), four, new float[][] {{1, 0}}, distances)
            .estimate(Recorded.query(1, 0))
            .quality();
    // 1 : 1 : 1/4 : 1.
    assertArrayEquals(new double[] {4 / 13.0, 4 / 13.0, 1 / 13.0, 4 / 13.0}, one, 1e-9);
  }

  /** Golden: the closed form is the medoid, as long as all errors are positive. */
  @Test
  void theMedoidIsAsked() {
    var random = new SplittableRandom(3);
    int compared = 0;
    for (int round = 0; round < 300; round++) {
      int size = 3 + random.nextInt(5);
      List<String> members = IntStream.range(0, size).mapToObj(m -> "m" + m).toList();
      var rows = new ArrayList<float[]>();
      var sums = new double[size][size];
      for (int query = 0; query < 4; query++) {
        var answers = new float[size][5];
        for (float[] answer : answers) {
          for (int d = 0; d < answer.length; d++) {
            answer[d] = (float) random.nextGaussian();
          }
        }
        var row = new float[Outcomes.pairs(size)];
        for (int i = 0; i < size; i++) {
          for (int j = 0; j < size; j++) {
            double distance = TripletQuality.distance(answers[i], answers[j]);
            sums[i][j] += distance;
            if (i != j) {
              row[Outcomes.pair(i, j, size)] = (float) distance;
            }
          }
        }
        rows.add(row);
      }
      double[] errors = TripletQuality.errors(sums);
      double[] quality =
          fit(
                  new Settings(3, 0),
                  members,
                  new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}},
                  four(rows))
              .estimate(Recorded.query(1, 0))
              .quality();
      assertEquals(1, Arrays.stream(quality).sum(), 1e-9);
      double[] whole =
          fit(
                  new Settings(0, 0),
                  members,
                  new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}},
                  four(rows))
              .estimate(Recorded.query(1, 0))
              .quality();
      if (Arrays.stream(errors).allMatch(error -> error > 1e-3)) {
        double[] nearness =
            Arrays.stream(sums).mapToDouble(row -> -Arrays.stream(row).sum()).toArray();
        assertEquals(Vectors.argmax(nearness), Vectors.argmax(whole));
        compared++;
      }
    }
    assertTrue(compared > 200, "only " + compared);
  }

  private static float[][] four(List<float[]> rows) {
    return rows.toArray(float[][]::new);
  }

  /** b lies between a and c: its error is below 0 as triples tell it, and it is asked. */
  @Test
  void anErrorBelowNothingIsClamped() {
    double[] quality =
        fit(new Settings(1, 0), ABC, new float[][] {{1, 0}}, new float[][] {{1, 4, 1}})
            .estimate(Recorded.query(1, 0))
            .quality();
    assertEquals(1, quality[1], 1e-6);
    assertTrue(quality[0] > 0 && quality[2] > 0);
  }

  @Test
  void scoresAreNotRead() {
    Outcomes outcomes = Recorded.specialists(4, 80, 1);
    var worthless =
        new Outcomes(
            outcomes.members(),
            outcomes.embeddings(),
            outcomes.features(),
            new Matrix(80, 4),
            outcomes.usd(),
            outcomes.sets(),
            outcomes.distances());
    assertEquals(
        1,
        specialistShare(SmoothieEstimator.fit(worthless, new Settings(), new SplittableRandom(1))));
  }

  private static double specialistShare(SmoothieEstimator estimator) {
    return IntStream.range(0, 40)
        .mapToDouble(
            i -> {
              float[] near = Recorded.near(i % 4, new SplittableRandom(i));
              return Vectors.argmax(estimator.estimate(Recorded.query(near)).quality()) == i % 4
                  ? 1
                  : 0;
            })
        .average()
        .orElseThrow();
  }

  private static String refused(List<String> members, float[][] distances) {
    var x = new float[distances.length][2];
    return assertThrows(
            IllegalArgumentException.class, () -> fit(new Settings(), members, x, distances))
        .getMessage();
  }

  @Test
  void whatTellsNobodyApartIsRefused() {
    assertEquals(
        "There is no query with the answers of two members: how good they were is not enough.",
        refused(ABC, new float[][] {{NAN, NAN, NAN}}));
    Outcomes scored = Recorded.outcomes(ABC, new float[][] {{1, 0}}, new float[][] {{1, 0, 1}});
    assertThrows(
        IllegalArgumentException.class,
        () -> SmoothieEstimator.fit(scored, new Settings(), new SplittableRandom(1)));
    assertEquals(
        "Of 3 members 2 answer differently; at least 3 are needed.",
        refused(ABC, new float[][] {{0, 1, 1}}));
    assertEquals(
        "There are no three members of whom each two answered one query.",
        refused(ABC, new float[][] {{1, NAN, NAN}, {NAN, 1, NAN}}));
  }

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(new Settings(20, 0.01), new Settings());
  }
}
