package dev.tutti.router.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.Recorded;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArtifactTest {

  private static final Outcomes OUTCOMES = Recorded.specialists(2, 6, 1);
  private static final Artifact ARTIFACT =
      new Artifact(
          "knn",
          3,
          Parameters.of(List.of("a", "ü")).with("x", Matrix.row(1, -2.5)).with("k", 7),
          Artifact.Provenance.of(OUTCOMES, "{\"k\":7}", 5));

  @Test
  void whatIsWrittenIsReadBack() {
    Artifact again = Artifact.of(ARTIFACT.bytes());
    assertEquals("knn", again.method());
    assertEquals(3, again.version());
    assertEquals(ARTIFACT.provenance(), again.provenance());
    assertEquals(List.of("a", "ü"), again.parameters().members());
    assertEquals(7, again.parameters().number("k"));
    assertArrayEquals(new float[] {1, -2.5f}, again.parameters().matrix("x").row(0));
    assertArrayEquals(ARTIFACT.bytes(), again.bytes());
  }

  @Test
  void damagedBytesAreRefused() {
    byte[] bytes = ARTIFACT.bytes();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(IllegalArgumentException.class, () -> Artifact.of(cut), "length " + length);
    }
    assertThrows(IllegalArgumentException.class, () -> Artifact.of(new byte[100]));
    bytes[7] = 9;
    assertThrows(IllegalArgumentException.class, () -> Artifact.of(bytes));
  }

  @Test
  void otherDataHaveAnotherFingerprint() {
    assertEquals(OUTCOMES.fingerprint(), Recorded.specialists(2, 6, 1).fingerprint());
    assertNotEquals(OUTCOMES.fingerprint(), Recorded.specialists(2, 6, 2).fingerprint());
    assertNotEquals(
        OUTCOMES.fingerprint(), OUTCOMES.rows(new int[] {0, 1, 2, 3, 5, 4}).fingerprint());
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThrows(IllegalArgumentException.class, () -> ARTIFACT.parameters().matrix("heads"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Artifact("knn", 0, ARTIFACT.parameters(), ARTIFACT.provenance()));
    assertThrows(IllegalArgumentException.class, () -> new Matrix(2, 2, new float[3]));
    assertThrows(
        IllegalArgumentException.class, () -> Matrix.of(List.of(new float[2], new float[3])));
  }
}
