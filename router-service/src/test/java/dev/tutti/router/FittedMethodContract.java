package dev.tutti.router;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.Artifact;
import dev.tutti.numerics.Matrix;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.estimate.EstimatedRouter;
import dev.tutti.router.method.selection.BestQuality;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every pretrained method keeps to, with any selection rule; its test extends this. */
public abstract class FittedMethodContract extends RouterContract {

  private static final Outcomes SPECIALISTS = Recorded.specialists(4, 240, 1);

  private final FittedEstimator<?> method =
      FittedMethods.ALL.stream().filter(m -> m.name().equals(name())).findFirst().orElseThrow();
  // Anew for each test: what one test fitted would hide from the others that fitting went wrong.
  private final QualityEstimator estimator = fit(method, SPECIALISTS, 1);

  /** Its name in {@link FittedMethods}. */
  protected abstract String name();

  /** Whether it is expected to tell specialists apart. */
  protected boolean findsSpecialists() {
    return true;
  }

  @Override
  protected Router router() {
    return new EstimatedRouter(estimator, new BestQuality());
  }

  protected static <S extends Record> QualityEstimator fit(
      FittedEstimator<S> method, Outcomes outcomes, long seed) {
    return method.fitter().fit(outcomes, method.defaults(), new SplittableRandom(seed));
  }

  private static Query near(int axis, long seed) {
    return Recorded.query(Recorded.near(axis, new SplittableRandom(seed)));
  }

  @Test
  void theSpecialistIsFound() {
    if (!findsSpecialists()) {
      return;
    }
    int found = 0;
    for (int i = 0; i < 100; i++) {
      double[] quality = estimator.estimate(near(i % 4, 1000 + i)).quality();
      int best = IntStream.range(0, 4).reduce(0, (a, b) -> quality[b] > quality[a] ? b : a);
      found += best == i % 4 ? 1 : 0;
    }
    assertTrue(found >= 90, found + " of 100");
  }

  @Test
  void theSameSeedFitsTheSame() {
    assertEstimatesAlike(estimator, fit(method, SPECIALISTS, 1));
  }

  @Test
  void whatIsReadBackEstimatesBitForBitWhatWasFitted() {
    Artifact artifact =
        new Artifact(
            name(),
            1,
            estimator.parameters(),
            new Artifact.Provenance(SPECIALISTS.fingerprint(), 240, "{}", 1));
    Artifact again = Artifact.of(artifact.bytes());
    assertEquals(artifact.provenance(), again.provenance());
    assertArrayEquals(artifact.bytes(), again.bytes());
    assertEstimatesAlike(estimator, method.reader().apply(again.parameters()));
  }

  private static void assertEstimatesAlike(QualityEstimator a, QualityEstimator b) {
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(
          a.estimate(near(i, i)).quality(), b.estimate(near(i, i)).quality(), 0.0, "query " + i);
    }
  }

  @Test
  void equalMembersAreEstimatedAlike() {
    if (method.members().least() > 2) {
      return;
    }
    var quality = new Matrix(60, 2);
    var x = new Matrix(60, Recorded.DIMENSIONS);
    for (int i = 0; i < 60; i++) {
      quality.values()[2 * i] = i % 3 == 0 ? 1 : 0;
      quality.values()[2 * i + 1] = quality.values()[2 * i];
      System.arraycopy(
          Recorded.near(i, new SplittableRandom(i)),
          0,
          x.values(),
          i * Recorded.DIMENSIONS,
          Recorded.DIMENSIONS);
    }
    var outcomes =
        new Outcomes(
            List.of("a", "b"),
            x,
            new Matrix(0, 0),
            quality,
            new Matrix(0, 0),
            IntStream.range(0, 60).mapToObj(i -> "s" + i % 2).toList());
    Estimate estimate = fit(method, outcomes, 1).estimate(near(0, 5));
    assertEquals(estimate.quality()[0], estimate.quality()[1], toleranceOfEqualMembers(), name());
  }

  /** What a method that starts from random members may leave between equal ones. */
  protected double toleranceOfEqualMembers() {
    return 1e-5;
  }

  @Test
  void aSingleMemberCanBeLearned() {
    if (method.members().least() > 2) {
      return;
    }
    Outcomes one = Recorded.specialists(1, 40, 3);
    Estimate estimate = fit(method, one, 1).estimate(near(0, 1));
    assertEquals(1, estimate.quality().length);
  }

  @Test
  void outcomesThatAreMissingTeachNothing() {
    var quality = new Matrix(240, 4, SPECIALISTS.quality().values().clone());
    for (int i = 0; i < 240; i++) {
      if (i % 5 == 0) {
        quality.values()[4 * i + i / 5 % 4] = Float.NaN;
      }
    }
    var holes =
        new Outcomes(
            SPECIALISTS.members(),
            SPECIALISTS.embeddings(),
            SPECIALISTS.features(),
            quality,
            SPECIALISTS.usd(),
            SPECIALISTS.sets(),
            SPECIALISTS.distances());
    Estimate estimate = fit(method, holes, 1).estimate(near(2, 1));
    assertEquals(4, estimate.quality().length);
  }

  @Test
  void anEmbeddingOfAnotherLengthIsRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> estimator.estimate(Recorded.query(1, 0)));
    assertTrue(e.getMessage().contains("2") && e.getMessage().contains("8"), e.getMessage());
  }

  @Test
  void nothingCannotBeLearnedFrom() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Outcomes(
                List.of("a"),
                new Matrix(0, 8),
                new Matrix(0, 0),
                new Matrix(0, 1),
                new Matrix(0, 0),
                List.of()));
  }
}
