package dev.tutti.fusion.method.team;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FocalDiversityTest {

  /** Questions that 1; 1 and 2; all three; 3; nobody fails. */
  private static final long[] FAILING = {0b001, 0b011, 0b111, 0b100, 0};

  /**
   * By hand, of all three. The first fails with j = 1, 2, 3: P1 = (1 + 2 + 3) / 3 / 3 = 2/3, P2 =
   * (0 + 2 + 6) / 6 / 3 = 4/9, 1 - P2/P1 = 1/3. The second with j = 2, 3: P1 = 5/6, P2 = 2/3, 1/5.
   * The third with j = 3, 1: P1 = 2/3, P2 = 1/2, 1/4.
   */
  @Test
  void whoFailsTogether() {
    var diversity = new FocalDiversity(FAILING, 0);
    assertEquals((1.0 / 3 + 1.0 / 5 + 1.0 / 4) / 3, diversity.of(0b111), 1e-12);
    // The first with j = 1, 2, 2: P1 = 5/6, P2 = 2/3; the second with 2, 2: P1 = P2 = 1.
    assertEquals((1.0 / 5 + 0) / 2, diversity.of(0b011), 1e-12);
  }

  /**
   * All failures of the first and second: P1 = (5/2 + 2) / 5 = .9, P2 = (2 + 2) / 5 = .8, 1/9. With
   * one failure's worth of it: (3/5 + 1/9) / 4 and (0 + 1/9) / 3.
   */
  @Test
  void fewFailuresArePulledTowardsAll() {
    var diversity = new FocalDiversity(FAILING, 1);
    double first = (3 * (1.0 / 5) + 1.0 / 9) / 4;
    double second = (1.0 / 9) / 3;
    assertEquals((first + second) / 2, diversity.of(0b011), 1e-12);
  }

  @Test
  void whoNeverFailsIsAsDiverseAsCanBe() {
    assertEquals(1, new FocalDiversity(new long[] {0, 0}, 0).of(0b11));
    assertEquals(1, new FocalDiversity(new long[] {0, 0}, 5).of(0b11));
    assertEquals(1, new FocalDiversity(new long[] {0b01, 0b10}, 1).of(0b11));
    assertEquals(0, new FocalDiversity(new long[] {0b11, 0b11}, 1).of(0b11));
    assertEquals(1, new FocalDiversity(new long[] {0b01}, 0).of(0b11), "the second never fails");
  }

  @Test
  void theSearchFindsWhatAllTeamsHold() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 5; round++) {
      long[] failing = random.longs(60, 0, 1L << 10).toArray();
      var diversity = new FocalDiversity(failing, 1);
      var exact = new TeamSearch(10, diversity::of);
      var genetic = new TeamSearch(10, diversity::of);
      long best = exact.exact();
      assertTrue(Long.bitCount(best) >= 2);
      assertEquals(diversity.of(best), diversity.of(genetic.genetic(random)), 1e-12);
      for (int m = 0; m < 10; m++) {
        assertTrue(
            Long.bitCount(best ^ 1L << m) < 2
                || diversity.of(best ^ 1L << m) <= diversity.of(best));
      }
    }
  }

  @Test
  void ofEqualTeamsTheSmallerAndEarlierIsTaken() {
    assertEquals(0b11, new TeamSearch(5, _ -> 1).exact());
    assertEquals(0b1100, new TeamSearch(5, team -> (team & 0b1100) == 0b1100 ? 1 : 0).exact());
  }

  @Test
  void manyMembersAreSearchedForTheirOwn() {
    long wanted = 0b101_0000_0000_0000_0000_0110L;
    long found =
        new TeamSearch(24, team -> -Long.bitCount(team ^ wanted)).best(new SplittableRandom(7));
    assertEquals(Long.toBinaryString(wanted), Long.toBinaryString(found));
  }
}
