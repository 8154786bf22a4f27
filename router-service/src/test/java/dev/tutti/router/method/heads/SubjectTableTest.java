package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tutti.router.Recorded;
import org.junit.jupiter.api.Test;

class SubjectTableTest {

  private static final float NAN = Float.NaN;

  @Test
  void meansAreDrawnToTheMembersOwn() {
    // Means 0.75 and 0.625; the third member was never run.
    var outcomes =
        Recorded.blind(
            new float[] {1, 0.25f, NAN},
            new float[] {0, NAN, NAN},
            new float[] {1, 1, NAN},
            new float[] {1, NAN, NAN});
    int[] subject = {0, 0, 1, 2};
    assertArrayEquals(
        new float[] {
          (1 + 1.5f) / 4, (0.25f + 1.25f) / 3, 0.5f,
          (1 + 1.5f) / 3, (1 + 1.25f) / 3, 0.5f,
          (1 + 1.5f) / 3, 0.625f, 0.5f
        },
        SubjectTable.of(outcomes, subject, 3, 2).values(),
        1e-6f);
    assertArrayEquals(
        new float[] {0.5f, 0.25f, 0.5f, 1, 1, 0.5f, 1, 0.625f, 0.5f},
        SubjectTable.of(outcomes, subject, 3, 0).values(),
        1e-6f);
  }
}
