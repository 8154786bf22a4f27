package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.fixture.ScriptedModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class BranchHeadsTest {

  private static final List<int[]> BRANCHES =
      List.of(new int[] {1, 0}, new int[] {}, new int[] {1, 2}, new int[] {2}, new int[] {0});

  @Test
  void branchesThatDifferInTheirLastTokenHaveOneHead() {
    BranchHeads heads = BranchHeads.of(BRANCHES);
    assertEquals(2, heads.heads().size());
    assertArrayEquals(new int[] {1}, heads.heads().getFirst());
    assertArrayEquals(new int[] {}, heads.heads().getLast());
    assertArrayEquals(new int[] {0, -1, 0, 1, 1}, heads.of());
  }

  /** By hand: behind x it is .5, .3, .2, and behind any two tokens .1, .2, .7. */
  @Test
  void aHeadIsReadOnce() {
    ScriptedModel model =
        ScriptedModel.steps(
            "m", List.of("x", "y"), new double[] {.5, .3, .2}, new double[] {.1, .2, .7});
    try (DecodeSession session = model.prompted()) {
      List<double[]> scores = session.score(BRANCHES);
      assertArrayEquals(new double[] {Math.log(.3), Math.log(.1)}, scores.get(0), 1e-12);
      assertArrayEquals(new double[] {}, scores.get(1));
      assertArrayEquals(new double[] {Math.log(.3), Math.log(.7)}, scores.get(2), 1e-12);
      assertArrayEquals(new double[] {Math.log(.2)}, scores.get(3), 1e-12);
      assertArrayEquals(new double[] {Math.log(.5)}, scores.get(4), 1e-12);
      // The prompt, and y behind it.
      assertEquals(2, model.tokensRead.get());
      assertEquals(1, session.length());
    }
    assertEquals(0, model.openSessions.get());
  }
}
