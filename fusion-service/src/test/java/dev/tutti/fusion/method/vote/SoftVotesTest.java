package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.MajorityVote.Settings;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A vote over long answers. */
class SoftVotesTest {

  private static final String A = "One, two three four five six seven eight.";
  private static final String B = "One two three four five six seven nine!";
  private static final String C = "p q r s t u v w";

  /** Overlap of A and B among three texts: seven words that two have, two that one has. */
  private static final double SHARED = 7 * Math.log(2.5) / (7 * Math.log(2.5) + 2 * Math.log(4));

  private static final MajorityVote VOTE =
      new MajorityVote(new Settings(AnswerForm.AUTO, Weights.PRIOR, 4));

  private static Answer says(String member, double prior, String text) {
    return new Answer(member, prior, text);
  }

  private static Weighing weigh(Answer... answers) {
    return VOTE.weigh(new Query(""), new Candidates(List.of(answers)));
  }

  @Test
  void longAnswersShareTheirVotesByTheirWords() {
    Weighing weighing = weigh(says("c", .4, C), says("a", .35, A), says("b", .25, B));
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(.4, weighing.support().get(0), 1e-12);
    assertEquals(.35 + .25 * SHARED, weighing.support().get(1), 1e-12);
    assertEquals(.25 + .35 * SHARED, weighing.support().get(2), 1e-12);
    assertEquals(.35 + .25 * SHARED, weighing.agreement(), 1e-12);
    assertEquals(List.of(.4, .35, .25), weighing.weights());
    assertTrue(weighing.explanation().contains("share votes"), weighing.explanation());
    assertEquals(
        0, weigh(says("c", .5, C), says("a", .25, A), says("b", .25, B)).chosen().orElseThrow());
  }

  @Test
  void shortAnswersAreEqualOrNot() {
    Weighing weighing =
        weigh(says("c", .4, "new york"), says("a", .35, "york city"), says("b", .25, "city hall"));
    assertEquals(List.of(.4, .35, .25), weighing.support());
    // Two of four are not more than half.
    weighing =
        weigh(says("a", .3, A), says("b", .2, B), says("c", .35, "new"), says("d", .15, "old"));
    assertEquals(List.of(.3, .2, .35, .15), weighing.support());
  }

  @Test
  void whoWantsToolsSharesNothing() {
    Answer tools = new Answer("t", 0, .2, "", Optional.of("f(" + A + ")"), "t");
    assertEquals(List.of(.2, .5, .3), weigh(tools, says("a", .5, A), says("b", .3, B)).support());
  }

  @Test
  void theSameWordsInAnotherOrderAreAnotherAnswer() {
    String turned = "eight seven six five four three two one";
    Weighing weighing = weigh(says("a", 1, A), says("b", 1.5, turned), says("c", 1, A));
    assertEquals(0, weighing.chosen().orElseThrow());
    assertTrue(weighing.support().get(0) > weighing.support().get(1));
  }

  @Test
  void moreThanHalfOfTheWeightWordForWordSettlesIt() {
    var two = new Candidates(List.of(says("a", 1, A), says("b", 1, A)));
    assertTrue(VOTE.isSettled(two, List.of(1.0)));
    assertFalse(VOTE.isSettled(two, List.of(1.0, 1.0)));
    var apart = new Candidates(List.of(says("a", 2, A), says("b", 1, B)));
    assertFalse(VOTE.isSettled(apart, List.of(1.0)), "A leads, but C could be like B");
    assertTrue(
        VOTE.isSettled(new Candidates(List.of(says("a", 4, A), says("b", 1, B))), List.of(1.0)));
    // Short ones are settled by their lead, unless too many could still be long.
    var some =
        new Candidates(
            List.of(says("a", 2, "x"), says("b", 2, "x"), says("c", 1, "y"), says("d", 1, "z")));
    assertTrue(VOTE.isSettled(some, List.of(1.0)));
  }

  @Test
  void whatIsSettledStands() {
    var random = new SplittableRandom(3);
    String[] words = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1".split(" ");
    int settled = 0;
    for (int round = 0; round < 500; round++) {
      var answers = new ArrayList<Answer>();
      String common = text(words, random);
      for (int i = 0; i < 5; i++) {
        String text = random.nextInt(3) > 0 ? common : text(words, random);
        answers.add(says("m" + i, 1 + random.nextInt(3) + i / 100.0, text));
      }
      int there = 1 + random.nextInt(5);
      var known = new Candidates(answers.subList(0, there));
      var pending = answers.subList(there, 5).stream().map(Answer::prior).toList();
      if (VOTE.isSettled(known, pending)) {
        settled++;
        Weighing before = VOTE.weigh(new Query(""), known);
        Weighing after = VOTE.weigh(new Query(""), new Candidates(answers));
        assertEquals(
            before.answers().get(before.chosen().orElseThrow()),
            after.answers().get(after.chosen().orElseThrow()));
      }
    }
    assertTrue(settled > 50, settled + " were settled");
  }

  private static String text(String[] words, SplittableRandom random) {
    var some = new ArrayList<>(List.of(words));
    Collections.shuffle(some, new Random(random.nextInt(6)));
    return String.join(" ", some.subList(0, 7 + random.nextInt(3)));
  }
}
