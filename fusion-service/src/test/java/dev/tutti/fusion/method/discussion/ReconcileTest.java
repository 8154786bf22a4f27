package dev.tutti.fusion.method.discussion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.discussion.Reconcile.Settings;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Turn;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The discussion, by members that are scripted: the starter models cannot tell a confidence. */
class ReconcileTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1);
  private static final MemberCard B = MemberCard.of("b", 9);
  private static final MemberCard C = MemberCard.of("c", 1);

  @Override
  protected Deliberation deliberation(Random random) {
    return new Reconcile(new Settings(random.nextInt(5), AnswerForm.AUTO));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return List.of(A, B).subList(0, count);
  }

  private static ScriptedEpisode reconcile(int rounds, MemberCard... members) {
    return new ScriptedEpisode(new Reconcile(new Settings(rounds, AnswerForm.AUTO)), members);
  }

  /** What is given of it. */
  private static String given(String answer) {
    return "Because.\nAnswer: %s".formatted(answer);
  }

  private static String says(String answer, double confidence) {
    return "Because.\nAnswer: %s\nConfidence: %s".formatted(answer, confidence);
  }

  @Test
  void answersAreAskedForWithExplanationAndConfidence() {
    List<Turn> prompt = reconcile(2, A, B).prompt(1);
    assertEquals(2, prompt.size());
    assertEquals(Turn.Role.SYSTEM, prompt.getFirst().role());
    assertTrue(prompt.getFirst().text().contains("'Confidence: '"));
    assertEquals(new Turn(Turn.Role.USER, "?"), prompt.get(1));
  }

  @Test
  void theyDiscussByGroupsWhoseMarksTellHowManyGaveThem() {
    ScriptedEpisode talk = reconcile(2, A, B, C);
    talk.say(says("4", 0.8), says("5", 0.95), says("4", 0.5));
    assertEquals(List.of(0, 1, 2), talk.asked());
    List<Turn> prompt = talk.prompt(1);
    assertEquals(4, prompt.size());
    assertTrue(prompt.getFirst().text().contains("'Confidence: '"));
    assertEquals(new Turn(Turn.Role.ASSISTANT, says("5", 0.95)), prompt.get(2));
    String groups = prompt.get(3).text();
    assertTrue(groups.contains("(different ones: 2)"), groups);
    assertTrue(
        groups.matches(
            "(?s).*--- answer 1, given by 2, [0-9a-f]{8} ---\n"
                + "Confidence 0.80:\nBecause.\nAnswer: 4\n\n"
                + "Confidence 0.50:\nBecause.\nAnswer: 4\n--- end.*"
                + "--- answer 2, given by 1, [0-9a-f]{8} ---\n"
                + "Confidence 0.95:\nBecause.\nAnswer: 5\n--- end.*"),
        groups);
    // Two rounds of it, if need be.
    talk.say(says("4", 1), says("5", 1), says("6", 1));
    talk.say(says("4", 0.7), says("5", 0.7), says("6", 0.9));
    // 0.3, 0.3 and 0.8 of 1.4.
    assertEquals(given("6"), talk.given());
    assertEquals(0.8 / 1.4, talk.give().weighed().weighing().agreement(), 1e-12);
  }

  @Test
  void oneWhoIsCertainOutweighsTwoWhoAreNot() {
    ScriptedEpisode talk = reconcile(0, A, B, C);
    talk.say(says("4", 0.79), says("5", 0.3), says("4", 0.79));
    assertEquals(given("4"), talk.given());
    // 0.3 + 0.3 against 0.8.
    talk = reconcile(0, A, B, C).say(says("4", 0.79), says("5", 0.9), says("4", 0.79));
    assertEquals(given("5"), talk.given());
  }

  @Test
  void itStopsOnceAllAgree() {
    ScriptedEpisode talk = reconcile(4, A, B).say(says("4", 0.2), says("the answer is 4", 0.9));
    assertEquals(1, talk.give().weighed().weighing().agreement(), 1e-12);
    // The surest speaks for it; priors play no part.
    assertEquals(given("the answer is 4"), talk.given());
    talk = reconcile(4, A, B).say(says("4", 0.2), says("5", 0.9));
    assertEquals(given("5"), talk.say(says("5", 0.2), says("5", 0.1)).given());
  }

  @Test
  void whoTellsNoConfidenceIsTheLeastSure() {
    ScriptedEpisode talk = reconcile(0, A, B).say("Answer: 4", says("5", 0.7));
    assertEquals(List.of(0.25, 0.75), rounded(talk));
  }

  private static List<Double> rounded(ScriptedEpisode talk) {
    return talk.give().weighed().weighing().weights().stream()
        .map(weight -> Math.round(weight * 1e9) / 1e9)
        .toList();
  }

  @Test
  void itEndsWhereTheBudgetOrTheMembersDo() {
    ScriptedEpisode talk = reconcile(3, A, B, C).say(says("4", 1), says("5", 0), says("6", 0));
    assertEquals(given("4"), talk.exhaust().given());
    assertEquals("5", reconcile(3, A, B).say(null, "5").given());
    talk = reconcile(3, A, B).say(says("4", 0.9), says("5", 0.3)).say(null, says("6", 0.3));
    assertEquals(given("4"), talk.given());
    assertEquals(" ", reconcile(3, A).say(" ").given());
    // Nobody's answer can be read: there is nothing to discuss.
    assertEquals("!", reconcile(3, A, B).say("!", "?").given());
    assertEquals(new Settings(2, AnswerForm.AUTO), Settings.DEFAULTS);
  }
}
