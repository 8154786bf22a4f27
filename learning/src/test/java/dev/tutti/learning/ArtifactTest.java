package dev.tutti.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.numerics.Matrix;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArtifactTest {

  private static final Artifact.Origin ORIGIN =
      new Artifact.Origin("all-minilm-l6-v2", "5e1f", "2026-11-29", "25.0.1");
  private static final Artifact ARTIFACT =
      new Artifact(
          "knn",
          3,
          Parameters.of(List.of("a", "ü")).with("x", Matrix.row(1, -2.5)).with("k", 7),
          new Artifact.Provenance("f00d", 6, "{\"k\":7}", 5, ORIGIN));

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

  /** As builds before wrote it: magic, format 1, version 2, 3 queries, seed 4, no member, "x". */
  private static final String OLDEST =
      "54754641"
          + "00000001"
          + "00000002"
          + "00000003"
          + "0000000000000004"
          + "00000000"
          + "00000001"
          + "00000003"
          + "6b6e6e"
          + "00000001"
          + "66"
          + "00000002"
          + "7b7d"
          + "00000001"
          + "78"
          + "00000001"
          + "00000001"
          + "3f800000";

  @Test
  void whatABuildBeforeWroteIsReadAndWrittenAsItWas() {
    byte[] bytes = HexFormat.of().parseHex(OLDEST);
    Artifact old = Artifact.of(bytes);
    assertEquals("knn", old.method());
    assertEquals(2, old.version());
    assertEquals(new Artifact.Provenance("f", 3, "{}", 4), old.provenance());
    assertEquals("", old.provenance().origin().build());
    assertEquals(1, old.parameters().number("x"));
    assertArrayEquals(bytes, old.bytes());
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
