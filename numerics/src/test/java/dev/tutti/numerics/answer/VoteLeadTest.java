package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class VoteLeadTest {

  @Test
  void itIsTheTailOfABetaDistribution() {
    assertEquals(.5, VoteLead.probability(0, 0), 1e-12);
    assertEquals(.75, VoteLead.probability(1, 0), 1e-12);
    assertEquals(.9375, VoteLead.probability(3, 0), 1e-12);
    assertEquals(.96875, VoteLead.probability(4, 0), 1e-12);
    assertEquals(.9375, VoteLead.probability(5, 1), 1e-12);
    assertEquals(.96484, VoteLead.probability(6, 1), 5e-6);
    assertEquals(.96729, VoteLead.probability(8, 2), 5e-6);
  }

  @Test
  void whoIsBehindHasTheRest() {
    for (int a = 0; a <= 500; a += 7) {
      for (int b = 0; b <= 500; b += 11) {
        assertEquals(1, VoteLead.probability(a, b) + VoteLead.probability(b, a), 1e-9);
      }
    }
  }

  @Test
  void absurdNumbersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> VoteLead.probability(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> VoteLead.probability(1000, 1));
  }
}
