package dev.tutti.fusion.method.vote;

import static dev.tutti.fusion.method.vote.ConditionalLogitTest.ballot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VoteWeightsTest {

  private static final VoteWeights.Settings SETTINGS = settings(1e-6, VoteWeights.Learning.LOGIT);

  private static VoteWeights.Settings settings(double shrinkage, VoteWeights.Learning learning) {
    return new VoteWeights.Settings(AnswerForm.CHOICE, "category", 1e-6, shrinkage, learning, 2);
  }

  /** In law the first is right 3 of 4 times, in maths the second is. */
  private static Ballots ballots() {
    var rows = new ArrayList<Ballot>();
    for (int i = 0; i < 80; i++) {
      boolean first = i < 40 == (i % 4 != 0);
      rows.add(ballot(i < 40 ? "law" : "maths", new int[] {0, 1}, first ? 1 : 0, first ? 0 : 1));
    }
    return new Ballots(List.of("a", "b"), rows);
  }

  private static VoteWeights fit(double shrinkage) {
    return VoteWeights.fit(
        ballots(), settings(shrinkage, VoteWeights.Learning.LOGIT), new SplittableRandom(1));
  }

  @Test
  void aCategoryHasWeightsOfItsOwn() {
    VoteWeights weights = fit(1e-6);
    assertEquals(List.of("law", "maths"), weights.categories());
    assertArrayEquals(new double[] {0, 0}, weights.weights(""), 1e-3);
    double[] law = weights.weights("law");
    assertEquals(Math.log(3), law[0] - law[1], 1e-3);
    double[] maths = weights.weights("maths");
    assertEquals(Math.log(3), maths[1] - maths[0], 1e-3);
    assertArrayEquals(weights.weights(""), weights.weights("poetry"));
  }

  @Test
  void muchShrinkageLeavesTheWeightsOverAll() {
    assertArrayEquals(fit(1e9).weights(""), fit(1e9).weights("law"), 1e-6);
  }

  @Test
  void whatIsReadBackIsWhatWasFitted() {
    VoteWeights fitted = fit(3);
    var again = new VoteWeights(fitted.parameters());
    assertEquals(List.of("a", "b"), again.members());
    assertEquals(fitted.categories(), again.categories());
    for (String category : List.of("", "law", "maths")) {
      assertArrayEquals(fitted.weights(category), again.weights(category), 0);
    }
  }

  @Test
  void theVoiceIsTheFirstOfTheAnswerWithMostWeight() {
    VoteWeights weights = fit(1e-6);
    assertEquals(0, weights.voice(ballot("law", new int[] {0, 1}, 0, 0)));
    assertEquals(1, weights.voice(ballot("maths", new int[] {0, 1}, 0, 0)));
    assertEquals(1, weights.voice(ballot("law", new int[] {-1, 0}, 0, 0)), "what can be read");
    assertEquals(1, weights.voice(ballot("law", new int[] {-1, -1}, Float.NaN, 0)), "who said it");
    assertEquals(0, weights.voice(ballot("law", new int[] {-1, -1}, 0, 0)));
  }

  @Test
  void dataThatTellNobodyApartAreRefused() {
    var alike = new Ballots(List.of("a", "b"), List.of(ballot("", new int[] {0, 0}, 1, 1)));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> VoteWeights.fit(alike, SETTINGS, new SplittableRandom(1)));
    assertTrue(e.getMessage().contains("Of 1 questions none"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Ballots(List.of("a"), List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Ballots(List.of("a"), List.of(ballot("", new int[] {0, 0}, 1, 1))));
  }

  @Test
  void otherDataHaveAnotherFingerprint() {
    assertEquals(ballots().fingerprint(), ballots().fingerprint());
    assertNotEquals(
        ballots().fingerprint(),
        new Ballots(List.of("a", "b"), ballots().rows().subList(0, 79)).fingerprint());
  }
}
