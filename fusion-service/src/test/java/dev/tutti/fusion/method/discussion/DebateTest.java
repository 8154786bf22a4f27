package dev.tutti.fusion.method.discussion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.discussion.Debate.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rounds, by members that are scripted: the starter models cannot debate. */
class DebateTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1);
  private static final MemberCard B = MemberCard.of("b", 2);
  private static final MemberCard C = MemberCard.of("c", 1);

  @Override
  protected Deliberation deliberation(Random random) {
    return new Debate(
        new Settings(
            random.nextInt(5), 1 + random.nextInt(3), OptionalDouble.of(1), AnswerForm.AUTO));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return List.of(A, B).subList(0, count);
  }

  private static ScriptedEpisode debate(int rounds, MemberCard... members) {
    var settings = new Settings(rounds, 1, OptionalDouble.empty(), AnswerForm.AUTO);
    return new ScriptedEpisode(new Debate(settings), members);
  }

  @Test
  void eachSeesItsOwnAnswerAndTheOthers() {
    ScriptedEpisode debate = debate(2, A, B, C);
    assertEquals(
        new Deliberation.Ask(
            List.of(Generate.asAsked(0), Generate.asAsked(1), Generate.asAsked(2)), 3),
        debate.step());
    debate.say("I say 1", "I say 2", "I say 3");
    assertEquals(2, assertInstanceOf(Deliberation.Ask.class, debate.step()).turns());
    List<Turn> prompt = debate.prompt(1);
    assertEquals(new Turn(Turn.Role.USER, "?"), prompt.get(0));
    assertEquals(new Turn(Turn.Role.ASSISTANT, "I say 2"), prompt.get(1));
    assertEquals(Turn.Role.USER, prompt.get(2).role());
    assertEquals(3, prompt.size());
    String others = prompt.get(2).text();
    assertTrue(others.contains("(answers: 2)"), others);
    assertTrue(others.indexOf("\nI say 1\n") < others.indexOf("\nI say 3\n"), others);
    assertFalse(others.contains("I say 2"), others);
    // The last answers are shown, not the first ones.
    debate.say("now 3", "now 2", "now 3");
    assertEquals("now 2", debate.prompt(1).get(1).text());
    assertFalse(debate.prompt(1).get(2).text().contains("I say"));
    debate.say("3", "3", "2");
    assertEquals("3", debate.given());
    assertEquals(2.0 / 3, debate.give().weighed().weighing().agreement(), 1e-12);
  }

  @Test
  void aMemberPlaysSeveralAgents() {
    var settings = new Settings(1, 3, OptionalDouble.of(0.5), AnswerForm.AUTO);
    ScriptedEpisode debate = new ScriptedEpisode(new Debate(settings), A, B);
    assertEquals(List.of(0, 0, 0, 1, 1, 1), debate.asked());
    debate.say("1", null, "3", "4", "5", " ");
    assertEquals(List.of(0, 0, 1, 1), debate.asked());
    assertEquals("3", debate.prompt(1).get(1).text());
    assertEquals("5", debate.prompt(3).get(1).text());
    debate.say("7", "7", "8", "8");
    // As many at the end, none at first: b's prior.
    assertEquals("8", debate.given());
  }

  @Test
  void whoFailsLeavesAndWhatItSaidLastCounts() {
    ScriptedEpisode debate = debate(2, A, B, C).say("1", "2", "3").say("4", null, "5");
    assertEquals(List.of(0, 2), debate.asked());
    String others = debate.prompt(0).get(2).text();
    assertTrue(others.contains("\n2\n") && others.contains("\n5\n"), others);
    assertEquals("2", debate.say("2", "5").given());
  }

  @Test
  void evenAnswersAreToldApartByTheFirstVotesThenByPriors() {
    // 1 was said by two at first; b, who says 2, has the higher prior.
    assertEquals("1", debate(1, A, B, C).say("1", "1", "2").say("1", "2", "9").given());
    assertEquals("2", debate(1, A, B, C).say("7", "8", "9").say("1", "2", "3").given());
  }

  @Test
  void whereNoLastAnswerCanBeReadTheFirstOnesAreVotedOn() {
    assertEquals("1", debate(1, A, B, C).say("1", "2", "1").say("!", "?", "...").given());
  }

  @Test
  void itEndsWhereTheBudgetOrTheAgentsDo() {
    assertEquals("1", debate(5, A, B, C).say("1", "2", "1").exhaust().given());
    assertEquals("2", debate(5, A, B).say(null, "2").given());
    assertEquals("1", debate(0, A, B, C).say("1", "2", "1").given());
    assertEquals("4", debate(2, A).say("4").given());
    assertEquals(" ", debate(2, A, B).say(null, " ").given());
  }

  /** Answers that a caller brings are numbered as they come, and not all members have one. */
  @Test
  void whoeverAnsweredFirstTakesPart() {
    List<Stage> brought =
        List.of(
            new Answered(new Asked(4, 0, 2, 1, ""), "one", AnswerSignals.NONE),
            new Answered(new Asked(4, 1, 2, 1, ""), "two", AnswerSignals.NONE),
            new Answered(new Asked(9, 0, 0, 1, ""), "three", AnswerSignals.NONE));
    var episode =
        new Episode(new Query("?"), List.of(A, B, C), brought, OptionalDouble.empty(), false);
    var ask = assertInstanceOf(Deliberation.Ask.class, new Debate(Settings.DEFAULTS).next(episode));
    assertEquals(List.of(2, 2, 0), ask.calls().stream().map(Call::member).toList());
    var second = (Prompt.Rewritten) ((Generate) ask.calls().get(1)).prompt();
    assertEquals("two", second.turns().get(1).text());
  }

  @Test
  void tooManyAgentsAreRefused() {
    var settings = new Settings(2, 33, OptionalDouble.empty(), AnswerForm.AUTO);
    settings.requireFit(1);
    String told =
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(2)).getMessage();
    assertTrue(told.contains("66 agents; at most 64"), told);
    assertEquals(new Settings(2, 1, OptionalDouble.empty(), AnswerForm.AUTO), Settings.DEFAULTS);
    assertEquals(Prompt.AS_ASKED, ((Generate) debate(1, A).calls().getFirst()).prompt());
  }
}
