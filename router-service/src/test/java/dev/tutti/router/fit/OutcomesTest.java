package dev.tutti.router.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.numerics.Matrix;
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
    assertNotEquals(OUTCOMES.fingerprint(), apart(1).fingerprint());
    assertNotEquals(apart(1).fingerprint(), apart(2).fingerprint());
  }

  private static Outcomes apart(float distance) {
    var distances = new Matrix(6, 1);
    distances.values()[5] = distance;
    return new Outcomes(
        OUTCOMES.members(),
        OUTCOMES.embeddings(),
        OUTCOMES.features(),
        OUTCOMES.quality(),
        OUTCOMES.usd(),
        OUTCOMES.sets(),
        distances);
  }

  /** Artifacts of before answers were looked at tell the same data. */
  @Test
  void whereNoAnswersAreLookedAtTheFingerprintIsThatOfBefore() {
    assertEquals(
        "4a60b6f6b230b64c26f0ed23b070e995ac557a92a526af376497161e63fad562",
        Recorded.blind(new float[] {1, 0}, new float[] {0.5f, Float.NaN}).fingerprint());
  }

  @Test
  void pairsStandInOneOrder() {
    int column = 0;
    for (int i = 0; i < 5; i++) {
      for (int j = i + 1; j < 5; j++) {
        assertEquals(column, Outcomes.pair(i, j, 5));
        assertEquals(column, Outcomes.pair(j, i, 5));
        column++;
      }
    }
    assertEquals(Outcomes.pairs(5), column);
  }

  @Test
  void distancesGoWithTheirRows() {
    assertEquals(7, apart(7).rows(new int[] {4, 5}).distances().at(1, 0));
    var wrong = new Matrix(6, 2);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Outcomes(
                    OUTCOMES.members(),
                    OUTCOMES.embeddings(),
                    OUTCOMES.features(),
                    OUTCOMES.quality(),
                    OUTCOMES.usd(),
                    OUTCOMES.sets(),
                    wrong));
    assertEquals("distances is 6 x 2; it must be 6 x 1.", e.getMessage());
  }
}
