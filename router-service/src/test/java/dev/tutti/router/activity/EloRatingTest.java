package dev.tutti.router.activity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EloRatingTest {

  @Test
  void aWinMovesBothByWhatWasNotExpected() {
    // Of equals each is expected to win half of the time: 32 times .5.
    EloRating winner = EloRating.NEW.compared(EloRating.NEW, 1);
    EloRating loser = EloRating.NEW.compared(EloRating.NEW, 0);
    assertEquals(1_016, winner.points(), 1e-12);
    assertEquals(984, loser.points(), 1e-12);
    assertEquals(1_000, EloRating.NEW.compared(EloRating.NEW, 0.5).points(), 1e-12);
    // 400 points more are expected to win ten times in eleven.
    assertEquals(
        1_400 + 32.0 / 11, new EloRating(1_400, 0).compared(EloRating.PAR, 1).points(), 1e-9);
    // w = ln 10 / 400 / 4 = .00143912, K w = .0460517, K^2 / 4 = 256.
    double kept = (1 - 0.0460517) * (1 - 0.0460517) + 0.0460517 * 0.0460517;
    assertEquals(122_500 * kept + 256, winner.variance(), 0.1);
    assertEquals(
        122_500 * (1 - 0.0460517) * (1 - 0.0460517) + 256,
        EloRating.NEW.compared(EloRating.PAR, 0).variance(),
        0.1);
  }

  /** What it says of its error is what its error is: 4,000 members rated with the same quality. */
  @Test
  void theStandardErrorIsThatOfTheRatings() {
    var random = new SplittableRandom(9);
    for (double quality : new double[] {0.5, 0.8}) {
      // Where the expected outcome is the mean quality.
      double right = 1_000 + 400 * Math.log10(quality / (1 - quality));
      double squares = 0;
      double told = 0;
      int inside = 0;
      int members = 4_000;
      for (int m = 0; m < members; m++) {
        EloRating rating = EloRating.NEW;
        for (int i = 0; i < 200; i++) {
          rating = rating.compared(EloRating.PAR, random.nextDouble() < quality ? 1 : 0);
        }
        double error = rating.points() - right;
        squares += error * error;
        told += rating.variance();
        inside += Math.abs(error) <= 1.96 * Math.sqrt(rating.variance()) ? 1 : 0;
      }
      assertEquals(1, Math.sqrt(told / squares), 0.08, "quality " + quality);
      assertEquals(0.95, (double) inside / members, 0.02, "quality " + quality);
    }
  }

  @Test
  void absurdRatingsStayNumbers() {
    EloRating far = new EloRating(1e9, 1).compared(new EloRating(-1e9, 1), 0);
    assertTrue(Double.isFinite(far.points()) && Double.isFinite(far.variance()));
  }

  @Test
  void wilsonsIntervalIsTheBooks() {
    // 8 of 10 right: .490 to .943.
    Wilson some = Wilson.of(10, 8);
    assertEquals(0.8, some.mean(), 1e-12);
    assertEquals(0.4902, some.low(), 1e-4);
    assertEquals(0.9433, some.high(), 1e-4);
    Wilson all = Wilson.of(1, 1);
    assertEquals(1, all.high());
    assertEquals(0.2065, all.low(), 1e-4);
    assertEquals(0, Wilson.of(3, 0).low());
  }
}
