package dev.tutti.cascade.method.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.BudgetException;
import dev.tutti.cascade.LiveAnswers;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.method.agent.DerFit.Settings;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class DerLiveFitTest {

  private static final DerFit FIT = new DerFit();
  private static final double USD = LiveQuestions.USD;

  private static Settings settings(Worth quality, String transfer, int epochs) {
    return LiveQuestions.settings(quality, .5, "", transfer, epochs);
  }

  private static Settings settings(int epochs) {
    return settings(Worth.EXACT, "Mend it.", epochs);
  }

  /** As asked nobody is right; the mender is where it is handed what the drafter wrote. */
  private static RecordedOutcomes questions(int size) {
    return LiveQuestions.questions(size, Optional.of("fixed"), 0);
  }

  /**
   * Members by script, of which an attempt after another gives what was paid for once more. What a
   * call costs is known within a fifth where prices are.
   */
  private static final class Members implements LiveAnswers {

    private final Set<String> paid;
    private final boolean priced;
    private double spent;
    private final Set<String> given = new HashSet<>();
    private final double budget;
    private final List<String> prompts = new ArrayList<>();
    private int calls;
    private int stopAt = Integer.MAX_VALUE;
    private double used;

    Members(double budget, Set<String> paid) {
      this(budget, paid, false);
    }

    Members(double budget, Set<String> paid, boolean priced) {
      this.priced = priced;
      this.budget = budget;
      this.paid = paid;
    }

    @Override
    public double usdLeft() {
      return Math.max(0, budget - used);
    }

    @Override
    public OptionalDouble mostUsd(LiveCall call) {
      return priced ? OptionalDouble.of(1.2 * usd(call)) : OptionalDouble.empty();
    }

    /** Those with prices ask more of a live answer than was ever recorded. */
    private double usd(LiveCall call) {
      String text = call.turns().getLast().text();
      return priced ? USD * (3 + 7 * (text.charAt(text.length() - 1) - '0')) : USD;
    }

    @Override
    public Optional<LiveAnswer> ask(LiveCall call, double usd) {
      assertFalse(call.logprobs());
      assertEquals(64, call.maxTokens());
      assertEquals(priced ? 1.2 * usd(call) : 2 * USD, usd, 1e-12);
      List<Turn> turns = call.turns();
      String key = call.member() + turns;
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
      prompts.add(turns.getFirst().text());
      String number = turns.getLast().text().substring("question ".length());
      boolean mender = call.member().equals("mender");
      boolean mends = mender && turns.getFirst().text().contains("draft");
      String text = mends ? "fixed" : (mender ? "guess " : "draft ") + number;
      return Optional.of(new LiveAnswer(Optional.of(text), AnswerSignals.NONE, usd(call)));
    }

    @Override
    public float[] embed(String text) {
      return LiveQuestions.embedding(text);
    }
  }

  private static DerAgents fit(RecordedOutcomes data, Settings settings, Members members) {
    return FIT.fit(data, settings, new SplittableRandom(1), (_, _, _) -> {}, members);
  }

  private static TunedPoints.Point chosen(DerAgents agents) {
    return agents.points().points().get(agents.points().chosen());
  }

  @Test
  void whatOnlyTheHandedAnswerBringsIsLearnedLive() {
    RecordedOutcomes data = questions(60);
    DerAgents recorded = FIT.fit(data, settings(30), new SplittableRandom(1));
    assertEquals(0, chosen(recorded).quality());
    var members = new Members(100, new HashSet<>());
    DerAgents live = fit(data, settings(30), members);
    assertTrue(chosen(live).quality() > .9, () -> chosen(live).toString());
    assertEquals(2 * USD, chosen(live).usd(), 1e-6);
    // First answers are the recorded ones; nobody is asked the same twice.
    assertTrue(members.prompts.stream().allMatch(prompt -> prompt.startsWith("Mend it.")));
    assertEquals(members.calls, members.prompts.size());
  }

  @Test
  void withoutAPromptRecordedAnswersDo() {
    var members = new Members(1, new HashSet<>());
    fit(questions(30), settings(Worth.EXACT, "", 3), members);
    assertEquals(0, members.calls);
  }

  @Test
  void theBudgetIsNeverExceeded() {
    for (double budget : new double[] {.05, .3, .55, 1, 2, 5}) {
      spends(budget, false, budget >= 5, budget < 1);
    }
  }

  @Test
  void norWhereAnAnswerIsDearerThanAnyBefore() {
    for (double budget : new double[] {.3, 2, 7, 15, 30, 200}) {
      spends(budget, true, budget >= 200, budget < 30);
    }
  }

  private static void spends(double budget, boolean priced, boolean plenty, boolean little) {
    var members = new Members(budget, new HashSet<>(), priced);
    var told = new ArrayList<String>();
    try {
      DerAgents agents =
          FIT.fit(
              questions(60),
              settings(5),
              new SplittableRandom(1),
              (_, _, message) -> told.add(message),
              members);
      boolean whole = !Float.isNaN(agents.returns().values()[4]);
      assertTrue(
          whole || told.stream().anyMatch(its -> its.endsWith("; its money is spent")),
          told::toString);
      assertTrue(whole || !plenty);
      assertTrue(told.stream().anyMatch(its -> its.contains("US dollars are left")));
      assertTrue(
          priced || agents.points().points().stream().allMatch(its -> its.usd() <= 2 * USD + 1e-6));
    } catch (BudgetException e) {
      assertTrue(e.getMessage().contains("budget_usd"), e.getMessage());
      assertTrue(little, e.getMessage());
    }
    assertTrue(members.spent <= budget + 1e-9, members.spent + " of " + budget);
  }

  /** Three tenths of the money are left for it, and nobody knows before how far they reach. */
  @Test
  void whereTheRestPaysTooFewThresholdsStandOnRecordedAnswers() {
    var told = new ArrayList<String>();
    var members = new Members(10, new HashSet<>(), true);
    DerAgents agents =
        FIT.fit(
            questions(60),
            settings(5),
            new SplittableRandom(3),
            (_, _, message) -> told.add(message),
            members);
    assertEquals(0, agents.live());
    assertEquals(
        "tune: the money left pays for 8 questions only, thresholds are chosen on recorded answers",
        told.getLast());
    assertEquals(0, chosen(agents).quality(), "as asked nobody is right");
    assertEquals(USD, chosen(agents).usd(), 1e-6);
    assertTrue(members.spent > 7 && members.spent <= 10, members.spent + " of 10");

    DerAgents more =
        FIT.fit(
            questions(60),
            settings(5),
            new SplittableRandom(3),
            (_, _, _) -> {},
            new Members(200, new HashSet<>(), true));
    assertEquals(12, more.live(), "a fifth of the questions");
    assertEquals(12, DerAgents.read(more.parameters()).live());
  }

  /** A part that ends in the first buffer leaves an agent that is as it was drawn. */
  @Test
  void anAgentThatLearnedNextToNothingIsRefused() {
    var members = new Members(.05, new HashSet<>());
    var e = assertThrows(BudgetException.class, () -> fit(questions(60), settings(5), members));
    assertTrue(e.getMessage().startsWith("The part of the money of the agent of alpha 0.01"));
    assertTrue(members.spent <= .7 * .05, "nothing of what is for thresholds");
  }

  @Test
  void whatIsStoppedGoesOnWithoutPayingTwice() {
    RecordedOutcomes data = questions(40);
    for (double budget : new double[] {1, 100}) {
      var once = new Members(budget, new HashSet<>());
      DerAgents whole = fit(data, settings(4), once);
      for (int stopAt : new int[] {1, 7, once.calls}) {
        var stopped = new Members(budget, new HashSet<>());
        stopped.stopAt = stopAt;
        assertThrows(CancellationException.class, () -> fit(data, settings(4), stopped));
        Thread.interrupted();
        var resumed = new Members(budget, stopped.paid);
        DerAgents again = fit(data, settings(4), resumed);
        assertEquals(once.calls, stopped.calls + resumed.calls);
        assertArrayEquals(whole.returns().values(), again.returns().values());
        assertEquals(chosen(whole).quality(), chosen(again).quality());
        assertArrayEquals(chosen(whole).values(), chosen(again).values());
      }
    }
  }

  @Test
  void recordedScoresAreNotThoseOfLiveAnswers() {
    var members = new Members(1, new HashSet<>());
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> fit(questions(20), settings(Worth.SCORE, "Mend it.", 3), members));
    assertTrue(e.getMessage().contains("exact, token_f1, rouge_l and judge"), e.getMessage());
    assertEquals(0, members.calls);
  }
}
