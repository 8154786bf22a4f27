package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.span.Likelihood.Branch;
import java.util.List;
import org.junit.jupiter.api.Test;

class LikelihoodTest {

  /**
   * By hand, .5 .2 .2 .1 at the first place and .1 .2 .3 .4 at any other, the last two being ends:
   * x alone; y from the second token on, which is .2, and either end, .3 + .4; an end at once.
   */
  @Test
  void allEndsAreOneAndWhatIsBeforeDoesNotCount() {
    ScriptedModel model =
        ScriptedModel.steps(
            "m",
            List.of("x", "y", "z"),
            new double[] {.5, .2, .2, .1},
            new double[] {.1, .2, .3, .4});
    try (DecodeSession session = model.prompted()) {
      List<Likelihood> all =
          Likelihood.of(
              session,
              new int[] {2, 3},
              List.of(
                  new Branch(new int[] {0}, 0, false),
                  new Branch(new int[] {0, 1}, 1, true),
                  new Branch(new int[] {}, 0, true)));
      assertEquals(Math.log(.5), all.get(0).logprob(), 1e-12);
      assertEquals(1, all.get(0).tokens());
      assertEquals(Math.log(.2) + Math.log(.7), all.get(1).logprob(), 1e-12);
      assertEquals(Math.log(.2), all.get(1).least(), 1e-12);
      assertEquals(2, all.get(1).tokens());
      assertEquals(Math.log(.3), all.get(2).logprob(), 1e-12);
      assertEquals(1, all.get(2).tokens());
      assertEquals(
          Double.NEGATIVE_INFINITY,
          Likelihood.of(session, new int[0], List.of(new Branch(new int[] {0}, 0, true)))
              .getFirst()
              .logprob());
    }
    assertEquals(0, model.openSessions.get());
  }
}
