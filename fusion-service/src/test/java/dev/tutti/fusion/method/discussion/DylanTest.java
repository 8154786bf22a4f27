package dev.tutti.fusion.method.discussion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.discussion.Dylan.Settings;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Layers and their early end, by members that are scripted. */
class DylanTest extends DeliberationContract {

  private static final MemberCard A = MemberCard.of("a", 1);
  private static final MemberCard B = MemberCard.of("b", 2);
  private static final MemberCard C = MemberCard.of("c", 1);
  private static final MemberCard D = MemberCard.of("d", 1);

  @Override
  protected Deliberation deliberation(Random random) {
    return new Dylan(
        new Settings(1 + random.nextInt(5), 0.5 + random.nextDouble() / 2, AnswerForm.AUTO));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return List.of(A, B).subList(0, count);
  }

  private static ScriptedEpisode dylan(int layers, MemberCard... members) {
    var settings = new Settings(layers, 2.0 / 3, AnswerForm.AUTO);
    return new ScriptedEpisode(new Dylan(settings), members);
  }

  @Test
  void moreThanTwoThirdsEndIt() {
    ScriptedEpisode layers = dylan(3, A, B, C, D);
    assertEquals(
        new Deliberation.Ask(
            List.of(
                Generate.asAsked(0), Generate.asAsked(1), Generate.asAsked(2), Generate.asAsked(3)),
            3),
        layers.step());
    // Two of three are not more than two thirds; three of four are.
    assertEquals(List.of(0, 1, 2), dylan(3, A, B, C).say("4", "4", "5").asked());
    layers.say("4", "5", "4", "4");
    assertEquals("4", layers.given());
    assertEquals(0.75, layers.give().weighed().weighing().agreement(), 1e-12);
  }

  /** Failed ones were asked, and do not agree. */
  @Test
  void whoFailsDoesNotAgree() {
    assertEquals(List.of(0, 2), dylan(3, A, B, C).say("4", null, "4").asked());
  }

  @Test
  void eachReadsAllAnswersOfTheLayerBefore() {
    ScriptedEpisode layers = dylan(3, A, B, C).say("one 1", "two 2", null);
    assertEquals(List.of(0, 1), layers.asked());
    String system = layers.prompt(0).getFirst().text();
    assertTrue(system.contains("(answers: 2)"), system);
    assertTrue(system.indexOf("\none 1\n") < system.indexOf("\ntwo 2\n"), system);
    assertEquals(system, layers.prompt(1).getFirst().text());
    layers.say("1", "2");
    layers.say("1", "3");
    // Three layers: even, and b has the higher prior.
    assertEquals("3", layers.given());
    assertEquals("7", dylan(2, A, B, C).say("1", "2", "3").say("7", " ", "8").given());
  }

  @Test
  void itEndsWhereTheBudgetOrTheLayersDo() {
    assertEquals("4", dylan(3, A, B, C).say("4", "5", "4").exhaust().given());
    assertEquals("4", dylan(1, A, B, C).say("4", "5", "4").given());
    assertEquals("4", dylan(3, A).say("4").given());
    assertEquals(" ", dylan(3, A, B).say(" ", null).given());
    // A layer that says nothing is passed over.
    assertEquals("2", dylan(2, A, B).say("1", "2").say(null, null).given());
    assertEquals(new Settings(3, 2.0 / 3, AnswerForm.AUTO), Settings.DEFAULTS);
  }

  private static boolean settled(AnswerForm form, int pending, String... texts) {
    var stages = new ArrayList<Stage>();
    for (String text : texts) {
      int m = stages.size();
      stages.add(new Answered(new Asked(m, 0, m, 1, ""), text, AnswerSignals.NONE));
    }
    var episode =
        new Episode(new Query("?"), List.of(A, B, C, D), stages, OptionalDouble.empty(), false);
    List<Integer> others = List.of(0, 1, 2, 3).subList(4 - pending, 4);
    return new Dylan(new Settings(3, 2.0 / 3, form)).isSettled(episode, others);
  }

  @Test
  void nobodyIsWaitedForOnceEnoughAgree() {
    assertTrue(settled(AnswerForm.NUMBER, 1, "4", "4", "4"));
    assertFalse(settled(AnswerForm.NUMBER, 1, "4", "5", "4"));
    assertFalse(settled(AnswerForm.NUMBER, 2, "4", "4"));
    assertFalse(settled(AnswerForm.NUMBER, 4), "nobody has answered");
    // Three of four are plainly numbers: no other form can come of it.
    assertTrue(settled(AnswerForm.AUTO, 1, "4", "4", "4"));
  }
}
