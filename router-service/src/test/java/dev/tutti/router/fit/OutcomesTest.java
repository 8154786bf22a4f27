package dev.tutti.router.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tutti.router.Recorded;
import org.junit.jupiter.api.Test;

class OutcomesTest {

  private static final Outcomes OUTCOMES = Recorded.specialists(2, 6, 1);

  @Test
  void otherDataHaveAnotherFingerprint() {
    assertEquals(OUTCOMES.fingerprint(), Recorded.specialists(2, 6, 1).fingerprint());
    assertNotEquals(OUTCOMES.fingerprint(), Recorded.specialists(2, 6, 2).fingerprint());
    assertNotEquals(
        OUTCOMES.fingerprint(), OUTCOMES.rows(new int[] {0, 1, 2, 3, 5, 4}).fingerprint());
  }
}
