package dev.tutti.cascade.method.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.LiveAnswers;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.agent.DerFit.Settings;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Grading;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import dev.tutti.kit.settings.SettingsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerJudgeFitTest {

  private static final DerFit FIT = new DerFit();
  private static final String JUDGE = "judge";
  private static final double USD = LiveQuestions.USD;
  private static final double VERDICT_USD = .004;

  /** More than it costs. */
  private static final double SAFE = 1.5;

  private static Settings settings(Worth quality, String judge, String transfer, int epochs) {
    return LiveQuestions.settings(quality, .73, judge, transfer, epochs);
  }

  private static Settings judged(int epochs) {
    return settings(Worth.JUDGE, JUDGE, "Mend it.", epochs);
  }

  /** Nobody's recorded answer is right; what the mender makes of a draft is, in other words. */
  private static RecordedOutcomes questions(int size, Optional<String> reference) {
    return LiveQuestions.questions(size, reference, 1);
  }

  private static RecordedOutcomes questions(int size) {
    return questions(size, Optional.of("mended"));
  }

  /** Members and a judge by script; an attempt after another gets what was paid for once more. */
  private static class Members implements LiveAnswers {

    private final double budget;
    private final Set<String> paid;
    private final boolean priced;
    private final Set<String> given = new HashSet<>();
    private final List<LiveCall> verdicts = new ArrayList<>();
    private String good = "It is right.\nGrade: 9";
    private String bad = "It is not.\nGrade: 2";
    private int stopAt = Integer.MAX_VALUE;
    private double used;
    private double spent;
    private int calls;

    Members(double budget) {
      this(budget, new HashSet<>(), true);
    }

    Members(double budget, Set<String> paid, boolean priced) {
      this.budget = budget;
      this.paid = paid;
      this.priced = priced;
    }

    @Override
    public double usdLeft() {
      return Math.max(0, budget - used);
    }

    private static double usd(LiveCall call) {
      return call.member().equals(JUDGE) ? VERDICT_USD : USD;
    }

    @Override
    public OptionalDouble mostUsd(LiveCall call) {
      return priced ? OptionalDouble.of(SAFE * usd(call)) : OptionalDouble.empty();
    }

    @Override
    public Optional<LiveAnswer> ask(LiveCall call, double usd) {
      boolean verdict = call.member().equals(JUDGE);
      if (priced) {
        assertEquals(SAFE * usd(call), usd, 1e-12);
      }
      assertEquals(verdict, call.greedy());
      String key = call.toString();
      if (given.add(key)) {
        used += usd(call);
      }
      if (paid.add(key)) {
        calls++;
        spent += usd(call);
      }
      if (calls == stopAt) {
        Thread.currentThread().interrupt();
      }
      return Optional.of(
          new LiveAnswer(
              Optional.of(verdict ? verdict(call) : said(call)), AnswerSignals.NONE, usd(call)));
    }

    private String verdict(LiveCall call) {
      verdicts.add(call);
      return call.turns().getLast().text().contains("fixed") ? good : bad;
    }

    private static String said(LiveCall call) {
      List<Turn> turns = call.turns();
      String number = turns.getLast().text().substring("question ".length());
      boolean mender = call.member().equals("mender");
      boolean mends = mender && turns.getFirst().text().contains("draft");
      return mends ? "fixed, number " + number : (mender ? "guess " : "draft ") + number;
    }

    @Override
    public float[] embed(String text) {
      return LiveQuestions.embedding(text);
    }
  }

  private static DerAgents fit(RecordedOutcomes data, Settings settings, LiveAnswers members) {
    return FIT.fit(data, settings, new SplittableRandom(1), (_, _, _) -> {}, members);
  }

  private static TunedPoints.Point chosen(DerAgents agents) {
    return agents.points().points().get(agents.points().chosen());
  }

  private static OptionalDouble worth(Members members, Row row, String answer) {
    return new Judge(new PaidCalls(members, questions(1)), JUDGE).worth(row, answer);
  }

  @ParameterizedTest
  @CsvSource({
    "Grade: 1, 0",
    "Grade: 4, .3333333333",
    "Grade: 8, .7777777778",
    "Grade: 10, 1",
    "Fine., 0",
    "Grade: 11, 0",
    "'', 0"
  })
  void aGradeIsAWorth(String verdict, double worth) {
    var members = new Members(1);
    members.bad = verdict;
    assertEquals(worth, worth(members, questions(1).rows().getFirst(), "41").orElseThrow(), 1e-9);
    assertEquals(1, members.calls);
  }

  @Test
  void itIsAskedWithQuestionReferenceAndAnswer() {
    var members = new Members(1);
    worth(members, questions(1).rows().getFirst(), "41");
    worth(members, questions(1, Optional.empty()).rows().getFirst(), "41");
    LiveAnswers.LiveCall call = members.verdicts.getFirst();
    assertEquals(
        List.of(
            new Turn(Turn.Role.SYSTEM, Grading.INSTRUCTIONS),
            new Turn(Turn.Role.USER, Grading.material("question 0", List.of("mended"), "41"))),
        call.turns());
    assertEquals(Grading.MOST_TOKENS, call.maxTokens());
    assertEquals(
        Grading.material("question 0", List.of(), "41"),
        members.verdicts.getLast().turns().getLast().text());
  }

  @Test
  void whatSaysNothingIsWorthNothingAndCostsNothing() {
    var members = new Members(1);
    assertEquals(OptionalDouble.of(0), worth(members, questions(1).rows().getFirst(), " \n"));
    assertEquals(0, members.calls);
    var silent =
        new Members(1) {
          @Override
          public Optional<LiveAnswer> ask(LiveCall call, double usd) {
            return Optional.of(new LiveAnswer(Optional.empty(), AnswerSignals.NONE, 0));
          }
        };
    assertEquals(OptionalDouble.of(0), worth(silent, questions(1).rows().getFirst(), "41"));
  }

  @Test
  void noVerdictIsAskedForThatTheMoneyMayNotPay() {
    var members = new Members(SAFE * VERDICT_USD - 1e-9);
    assertEquals(OptionalDouble.empty(), worth(members, questions(1).rows().getFirst(), "41"));
    assertEquals(0, members.calls);
    var enough = new Members(SAFE * VERDICT_USD);
    assertTrue(worth(enough, questions(1).rows().getFirst(), "41").isPresent());
  }

  @Test
  void recordedAnswersGetGradesInThePlaceOfScores() {
    var members = new Members(1);
    RecordedOutcomes data =
        new RecordedOutcomes(
            List.of("a", "b", "c"),
            List.of(
                new Row(
                    7,
                    "s",
                    new Query("question 7"),
                    Optional.empty(),
                    List.of(
                        LiveQuestions.said("draft", 1),
                        Optional.empty(),
                        LiveQuestions.said("fixed", 1)))));
    RecordedOutcomes graded =
        new Judge(new PaidCalls(members, data), JUDGE).graded(data, (_, _, _) -> {});
    Row row = graded.rows().getFirst();
    assertEquals(1 / 9.0, row.score(0), 1e-12);
    assertTrue(row.outcomes().get(1).isEmpty());
    assertEquals(8 / 9.0, row.score(2), 1e-12);
    assertEquals(USD, row.outcomes().getFirst().orElseThrow().usd());
    assertEquals(2, members.calls);
  }

  @Test
  void whatAJudgeLikesIsLearnedWhereNoWordIsTheReferences() {
    for (Optional<String> reference : List.of(Optional.of("mended"), Optional.<String>empty())) {
      RecordedOutcomes data = questions(60, reference);
      var members = new Members(100);
      TunedPoints.Point best = chosen(fit(data, judged(30), members));
      // 8 of 10 in grades, of every question.
      assertEquals(8 / 9.0, best.quality(), .05, best::toString);
      // What the judge costs is no part of what an answer does.
      assertEquals(2 * USD, best.usd(), 1e-6);
      // Each recorded answer is graded once, before all others.
      assertEquals(120, new HashSet<>(members.verdicts.subList(0, 120)).size());
      assertTrue(
          members.verdicts.subList(0, 120).stream()
              .noneMatch(its -> its.turns().getLast().text().contains("fixed")));
    }
    Settings exact = settings(Worth.EXACT, "", "Mend it.", 30);
    assertEquals(0, chosen(fit(questions(60), exact, new Members(100))).quality());
  }

  @Test
  void withoutAPromptOnlyTheJudgeIsPaid() {
    var members = new Members(1);
    fit(questions(30), settings(Worth.JUDGE, JUDGE, "", 3), members);
    assertEquals(60, members.calls);
    assertEquals(60, members.verdicts.size());
  }

  @Test
  void theBudgetIsNotExceededWithWhatTheJudgeCosts() {
    boolean learned = false;
    boolean refused = false;
    for (double budget : new double[] {.001, .1, .47, .49, .6, .8, 1, 1.5, 5}) {
      for (boolean priced : new boolean[] {true, false}) {
        var members = new Members(budget, new HashSet<>(), priced);
        try {
          fit(questions(60), judged(4), members);
          learned = true;
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().contains("budget_usd"), e.getMessage());
          assertTrue(budget < 1.5, e.getMessage());
          refused = true;
        }
        // Of a judge without prices the first verdict may cost more than is left.
        double over = !priced && budget < VERDICT_USD ? VERDICT_USD : 0;
        assertTrue(
            members.spent <= budget + over + 1e-9,
            members.spent + " of " + budget + (priced ? ", priced" : ""));
      }
    }
    assertTrue(learned && refused);
  }

  @Test
  void whatIsStoppedGoesOnWithoutPayingTwice() {
    RecordedOutcomes data = questions(40);
    for (double budget : new double[] {1.2, 100}) {
      var once = new Members(budget);
      DerAgents whole = fit(data, judged(3), once);
      // While recorded answers are graded, at the first that is live, at the end.
      for (int stopAt : new int[] {1, 79, 81, 82, once.calls}) {
        var stopped = new Members(budget);
        stopped.stopAt = stopAt;
        assertThrows(CancellationException.class, () -> fit(data, judged(3), stopped));
        Thread.interrupted();
        var resumed = new Members(budget, stopped.paid, true);
        DerAgents again = fit(data, judged(3), resumed);
        assertEquals(once.calls, stopped.calls + resumed.calls);
        assertEquals(once.spent, stopped.spent + resumed.spent, 1e-9);
        assertArrayEquals(whole.returns().values(), again.returns().values());
        assertEquals(chosen(whole).quality(), chosen(again).quality());
      }
    }
  }

  @Test
  void aJudgeThatGivesNoGradesIsSentAway() {
    var members = new Members(100);
    members.bad = "Very nice.";
    var e =
        assertThrows(IllegalArgumentException.class, () -> fit(questions(60), judged(3), members));
    assertTrue(e.getMessage().contains("None of the first 20 verdicts"), e.getMessage());
    assertEquals(20, members.calls);
    var few = new Members(100);
    few.bad = "Grade: none";
    assertThrows(IllegalArgumentException.class, () -> fit(questions(5), judged(3), few));
    assertEquals(10, few.calls);
  }

  private static void refused(String setting, String message, Settings settings, boolean live) {
    var e = assertThrows(SettingsException.class, () -> FIT.requireSettings(settings, live));
    assertEquals(setting, e.setting());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aJudgeAndItsQualityComeTogetherAndWithMoney() {
    for (boolean live : new boolean[] {true, false}) {
      refused("judge", "is empty", settings(Worth.JUDGE, "", "", 1), live);
      refused("judge", "'judge'", settings(Worth.EXACT, JUDGE, "", 1), live);
      refused("judge", "quality of score", settings(Worth.SCORE, JUDGE, "", 1), live);
    }
    refused("quality", "budget_usd", judged(1), false);
    refused("quality", "and judge", settings(Worth.SCORE, "", "", 1), true);
    FIT.requireSettings(judged(1), true);
    FIT.requireSettings(Settings.DEFAULTS, false);
    assertFalse(FIT.shortestVerdict(Settings.DEFAULTS, new Query("?")).isPresent());
    assertThrows(
        SettingsException.class, () -> FIT.fit(questions(20), judged(1), new SplittableRandom(1)));
  }
}
