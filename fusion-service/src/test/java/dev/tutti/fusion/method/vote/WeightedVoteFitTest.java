package dev.tutti.fusion.method.vote;

import static dev.tutti.fusion.method.vote.ConditionalLogitTest.ballot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class WeightedVoteFitTest {

  private static final WeightedVoteFit METHOD = new WeightedVoteFit();

  private static final Ballots BALLOTS =
      new Ballots(
          List.of("a", "b"),
          List.of(
              ballot("law", new int[] {0, 1}, 1, 0),
              ballot("law", new int[] {0, 1}, 1, 0),
              ballot("", new int[] {0, 1}, 0, 1)));

  @Test
  void whatItIs() {
    assertEquals("weighted-vote", METHOD.name());
    assertEquals(Members.atLeast(2), METHOD.members());
    assertEquals(
        new VoteWeights.Settings(AnswerForm.AUTO, "category", 1, 30, VoteWeights.Learning.LOGIT, 2),
        METHOD.defaults());
  }

  @Test
  void whatWasFittedIsReadBack() {
    VoteWeights fitted = METHOD.fit(BALLOTS, METHOD.defaults(), new SplittableRandom(1));
    VoteWeights again = METHOD.read(METHOD.parameters(fitted));
    assertArrayEquals(fitted.weights("law"), again.weights("law"), 0);
    assertTrue(fitted.weights("law")[0] > fitted.weights("")[0]);
    assertTrue(fitted.weights("")[0] > 0);
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () -> METHOD.fit(BALLOTS, METHOD.defaults(), new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
