package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.DeliberationContract;
import dev.tutti.fusion.ScriptedEpisode;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.ranking.LlmBlender.Aggregation;
import dev.tutti.fusion.method.ranking.LlmBlender.Settings;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A judge and a fuser that are scripted: the starter models can neither judge nor fuse. */
class LlmBlenderTest extends DeliberationContract {

  private static final MemberCard J = MemberCard.of("j", 1).as(Roles.JUDGE);
  private static final MemberCard F = MemberCard.of("f", 1).as(Roles.FUSER);
  private static final MemberCard A = MemberCard.of("a", 1).as(Roles.PROPOSER);
  private static final MemberCard B = MemberCard.of("b", 1).as(Roles.PROPOSER);
  private static final MemberCard C = MemberCard.of("c", 1).as(Roles.PROPOSER);

  @Override
  protected Deliberation deliberation(Random random) {
    Aggregation[] all = Aggregation.values();
    return new LlmBlender(
        new Settings(
            "",
            all[random.nextInt(all.length)],
            1 + random.nextInt(4),
            1 + random.nextInt(6),
            OptionalDouble.of(1)),
        Optional.empty());
  }

  @Override
  protected List<MemberCard> members(int count) {
    return count == 1 ? List.of(J, A) : List.of(A, J, B, F);
  }

  private static ScriptedEpisode blender(Aggregation aggregation, int top, MemberCard... members) {
    return new ScriptedEpisode(
        new LlmBlender(
            new Settings("", aggregation, top, 1, OptionalDouble.empty()), Optional.empty()),
        members);
  }

  private static final Pattern SHOWN =
      Pattern.compile(
          "(?s)--- answer 1, .{8} ---\n(.*)\n--- end of answer 1.*"
              + "--- answer 2, .{8} ---\n(.*)\n--- end of answer 2");

  /** Says 1 where the first one is better, else 2. */
  private static Function<Generate, String> judge(BiPredicate<String, String> better) {
    return call -> {
      String prompt = ((Prompt.Rewritten) call.prompt()).turns().getLast().text();
      Matcher shown = SHOWN.matcher(prompt);
      assertTrue(shown.find(), prompt);
      return better.test(shown.group(1), shown.group(2)) ? "1" : "2";
    };
  }

  private static final Function<Generate, String> LONGER =
      judge((one, other) -> one.length() > other.length());

  @Test
  void theJudgeComparesEachPairInBothOrders() {
    ScriptedEpisode blender = blender(Aggregation.MAX_LOGITS, 3, A, J, B, C);
    assertEquals(
        new Deliberation.Ask(
            List.of(Generate.asAsked(0), Generate.asAsked(2), Generate.asAsked(3)), 2),
        blender.step());
    blender.say("x", "xxx", "xx");
    assertEquals(List.of(1, 1, 1, 1, 1, 1), blender.asked());
    var pairs = new ArrayList<String>();
    var purposes = new ArrayList<String>();
    for (int call = 0; call < 6; call++) {
      List<Turn> prompt = blender.prompt(call);
      assertEquals(1, prompt.size());
      Matcher shown = SHOWN.matcher(prompt.getFirst().text());
      assertTrue(shown.find());
      pairs.add(shown.group(1) + "/" + shown.group(2));
      assertTrue(prompt.getFirst().text().contains("\nuser: ?\n"));
      Generate generate = (Generate) blender.calls().get(call);
      assertEquals(SamplingChange.temperature(0), generate.change());
      purposes.add(generate.purpose());
    }
    assertEquals(List.of("x/xxx", "x/xx", "xxx/x", "xxx/xx", "xx/x", "xx/xxx"), pairs);
    assertEquals(
        List.of("1 with 2", "1 with 3", "2 with 1", "2 with 3", "3 with 1", "3 with 2"),
        purposes.stream().map(purpose -> purpose.replace("compare ", "")).toList());
    blender.say(LONGER);
    assertEquals("xxx", blender.given());
    // Scores -2, 2 and 0.
    double sum = Math.exp(-4) + 1 + Math.exp(-2);
    assertEquals(1 / sum, blender.give().weighed().weighing().weights().get(1), 1e-12);
    assertEquals(
        "'b' gave the best of 3 answers, by 6 comparisons.",
        blender.give().weighed().weighing().explanation());
  }

  @ParameterizedTest
  @EnumSource(Aggregation.class)
  void theFuserReadsTheBestOnesBestFirst(Aggregation aggregation) {
    ScriptedEpisode blender = blender(aggregation, 2, A, J, F, B, C).say("x", "xxx", "xx");
    while (blender.asked().contains(1)) {
      blender.say(LONGER);
    }
    Deliberation.Write write = blender.write();
    assertEquals(2, write.call().member());
    assertEquals("fuse", write.call().purpose());
    String system = blender.prompt(0).getFirst().text();
    assertTrue(system.startsWith("Below are 2 answers"), system);
    assertTrue(system.contains("answer 1, ") && system.contains("\nxxx\n"), system);
    if (aggregation != Aggregation.BUBBLE) {
      assertTrue(system.indexOf("\nxxx\n") < system.indexOf("\nxx\n"), system);
    }
    assertTrue(write.explanation().startsWith("'b' gave the best of 3"), write.explanation());
    assertTrue(write.explanation().endsWith("'f' wrote one of the best 2."));
    assertEquals(1, write.weighed().orElseThrow().weighing().chosen().orElseThrow());
    // Where it fails the best one is given.
    assertEquals("xxx", blender.say((String) null).given());
  }

  /** Whatever it always says, and whatever the order of the candidates. */
  @ParameterizedTest
  @EnumSource(Aggregation.class)
  void aJudgeThatPrefersAPlaceChangesNothing(Aggregation aggregation) {
    MemberCard best = MemberCard.of("best", 2).as(Roles.PROPOSER);
    for (String always : List.of("1", "2", "0", "I cannot say")) {
      ScriptedEpisode blender = blender(aggregation, 3, A, B, best, C, J);
      blender.say("x", "xxxx", "xxx", "xx");
      while (blender.step() instanceof Deliberation.Ask) {
        blender.say(_ -> always);
      }
      assertEquals("xxx", blender.given(), always);
    }
    ScriptedEpisode even = blender(aggregation, 3, A, B, C, J).say("x", "xxxx", "xxx");
    while (even.step() instanceof Deliberation.Ask) {
      even.say(_ -> "2");
    }
    assertEquals("x", even.given());
  }

  /**
   * It says the first one is better in three of four cases; only where it is sure does it differ.
   */
  @Test
  void whatItPrefersInBothOrdersIsWhatCounts() {
    ScriptedEpisode blender = blender(Aggregation.MAX_WINS, 3, A, B, C, J).say("x", "y", "z");
    blender.say(judge((one, other) -> one.equals("z") || !other.equals("z")));
    assertEquals("z", blender.given());
  }

  @Test
  void whereOneOrderFailsThePairIsEven() {
    ScriptedEpisode blender = blender(Aggregation.MAX_LOGITS, 3, A, B, J).say("x", "y");
    assertEquals("x", blender.say("2", null).given());
    assertEquals(List.of(0.5, 0.5), blender.give().weighed().weighing().weights());
  }

  @Test
  void equalTextsAreNotCompared() {
    ScriptedEpisode blender = blender(Aggregation.MAX_LOGITS, 3, A, B, C, J).say("x", "y", "x");
    assertEquals(4, blender.calls().size());
    // a over b, b over a, b over c, c over b
    blender.say("2", "1", "1", "2");
    assertEquals("y", blender.given());
    assertEquals("x", blender(Aggregation.MAX_LOGITS, 3, A, B, J).say("x", "x").given());
    assertEquals("x", blender(Aggregation.BUBBLE, 3, A, B, J).say("x", "x").given());
  }

  /** 12 candidates: 11 rounds of two comparisons, and the best one wins from wherever it stands. */
  @Test
  void moreThanTenBubble() {
    for (int best = 0; best < 12; best++) {
      var settings = new Settings("", Aggregation.MAX_LOGITS, 3, 12, OptionalDouble.empty());
      var blender = new ScriptedEpisode(new LlmBlender(settings, Optional.empty()), A, J);
      int its = best;
      assertEquals(12, assertInstanceOf(Deliberation.Ask.class, blender.step()).turns());
      blender.say(
          IntStream.range(0, 12)
              .mapToObj(i -> "x".repeat((i - its + 12) % 12 == 0 ? 20 : i + 1))
              .toArray(String[]::new));
      int rounds = 0;
      while (blender.step() instanceof Deliberation.Ask ask) {
        assertEquals(2, ask.calls().size());
        assertEquals(11 - rounds, ask.turns());
        blender.say(LONGER);
        rounds++;
      }
      assertEquals(11, rounds);
      assertEquals("x".repeat(20), blender.given());
    }
  }

  @Test
  void theBudgetEndsItWithWhatThereIs() {
    MemberCard best = MemberCard.of("best", 2).as(Roles.PROPOSER);
    for (Aggregation aggregation : Aggregation.values()) {
      ScriptedEpisode blender = blender(aggregation, 3, A, best, C, J, F).say("x", "y", "z");
      assertEquals("y", blender.exhaust().given());
    }
    ScriptedEpisode compared =
        blender(Aggregation.MAX_LOGITS, 3, A, best, C, J, F).say("xxx", "xx", "x").say(LONGER);
    assertEquals("xxx", compared.exhaust().given());
    assertEquals("x", blender(Aggregation.MAX_LOGITS, 3, A, B, J).say("x", " ").given());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "2, -1",
    "0, 0",
    "**1**, 1",
    "Answer 2 is better., -1",
    "1., 1",
    "1 or 2, NaN",
    "12, NaN",
    "1.5, NaN",
    "neither, NaN",
    "'', NaN",
    "'Answer 1 is short, 2 is not.\n\n2\n', -1"
  })
  void verdictsAreRead(String verdict, double logit) {
    assertEquals(logit, Comparison.read(verdict));
  }

  @Test
  void tooManyCandidatesAreRefused() {
    Settings settings = new Settings("", Aggregation.BUBBLE, 3, 31, OptionalDouble.empty());
    settings.requireFit(2);
    String told =
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(3)).getMessage();
    assertTrue(told.contains("62 candidates; at most 60"), told);
  }
}
