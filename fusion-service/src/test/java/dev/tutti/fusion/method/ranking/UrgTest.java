package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.Urg.Settings;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A judge and a fuser that are scripted: the starter models can neither judge nor fuse. */
class UrgTest extends DeliberationContract {

  private static final MemberCard J = MemberCard.of("j", 1).as(Roles.JUDGE);
  private static final MemberCard F = MemberCard.of("f", 1).as(Roles.FUSER);
  private static final MemberCard A = MemberCard.of("a", 1).as(Roles.PROPOSER);
  private static final MemberCard B = MemberCard.of("b", 2).as(Roles.PROPOSER);
  private static final MemberCard C = MemberCard.of("c", 1).as(Roles.PROPOSER);

  @Override
  protected Deliberation deliberation(Random random) {
    return new Urg(new Settings(random.nextDouble(), 1 + random.nextInt(4), OptionalDouble.of(1)));
  }

  @Override
  protected List<MemberCard> members(int count) {
    return count == 1 ? List.of(F, A) : List.of(A, J, B, F);
  }

  private static ScriptedEpisode urg(MemberCard... members) {
    return new ScriptedEpisode(new Urg(Settings.DEFAULTS), members);
  }

  private static TextScore reward(double reward) {
    return new TextScore(reward, List.of());
  }

  /** Softmax of log 5, log 2 and log 3 is 0.5, 0.2 and 0.3: what is below 0.25 is dropped. */
  @Test
  void poorAnswersAreDroppedAndTheOthersFusedBestFirst() {
    ScriptedEpisode urg = urg(A, J, B, F, C).say("one", "two", "three");
    assertEquals(
        new Deliberation.Ask(
            List.of(new Call.Score(1, Prompt.AS_ASKED, List.of("one", "two", "three"), "judge")),
            2),
        urg.step());
    urg.score(reward(Math.log(3)), reward(Math.log(2)), reward(Math.log(5)));
    assertEquals(3, urg.write().call().member());
    String system = urg.prompt(0).getFirst().text();
    assertTrue(system.startsWith("Below are 2 answers"), system);
    assertTrue(system.contains("then answer without them"), system);
    assertTrue(
        system.matches(
            "(?s).*--- answer 1, weight 0\\.50, .{8} ---\nthree\n.*"
                + "--- answer 2, weight 0\\.30, .{8} ---\none\n.*"),
        system);
    assertFalse(system.contains("two"), system);
    urg.say((String) null);
    assertEquals("three", urg.given());
    assertEquals(0.5, urg.give().weighed().weighing().weights().get(2), 1e-12);
  }

  /** -4 over four tokens is better than -2 over one. */
  @Test
  void logLikelihoodsAreTakenByToken() {
    ScriptedEpisode urg = urg(A, J, C, F).say("one", "two");
    urg.score(new TextScore(-2, List.of(-2.0)), new TextScore(-4, List.of(-1.0, -1.0, -1.0, -1.0)));
    assertEquals("two", urg.exhaust().given());
  }

  @Test
  void withoutAJudgeTheFuserRanksInItsOwnCall() {
    ScriptedEpisode urg = urg(A, B, F);
    assertEquals(2, ((Deliberation.Ask) urg.step()).turns());
    urg.say("one", "two");
    String system = urg.prompt(0).getFirst().text();
    assertTrue(system.contains("Rank them first"), system);
    assertFalse(system.contains("weight"), system);
    assertTrue(system.contains("\none\n") && system.contains("\ntwo\n"), system);
    assertEquals("two", urg.say(" ").given(), "b has the higher prior");
  }

  @Test
  void aJudgeThatFailsOrGivesNoNumbersChangesNothing() {
    for (TextScore bad : List.of(reward(Double.NaN), reward(Double.NEGATIVE_INFINITY))) {
      ScriptedEpisode urg = urg(A, J, B, F).say("one", "two").score(reward(1), bad);
      assertTrue(urg.prompt(0).getFirst().text().contains("Rank them first"));
    }
  }

  @Test
  void whatThereIsIsGivenWhereTheBudgetEnds() {
    assertEquals("two", urg(A, J, B, F).say("one", "two").exhaust().given());
    assertEquals("one", urg(A, J, B, F).say("one", null).given());
    assertEquals(" ", urg(A, J, B, F).say(" ", null).given());
    Settings settings = new Settings(0.5, 33, OptionalDouble.empty());
    settings.requireFit(2);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(3))
            .getMessage()
            .contains("66 candidates; at most 64"));
  }
}
