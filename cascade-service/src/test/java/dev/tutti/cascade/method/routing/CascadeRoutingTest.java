package dev.tutti.cascade.method.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.estimate.DrawnChoices;
import dev.tutti.cascade.method.routing.CascadeRoutingFit.Order;
import dev.tutti.cascade.method.routing.CascadeRoutingFit.Plan;
import dev.tutti.cascade.method.routing.CascadeRoutingFit.Settings;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CascadeRoutingTest extends PolicyContract {

  private static final CascadeRoutingFit FIT = new CascadeRoutingFit();
  private static final RecordedOutcomes DATA = DrawnChoices.drawn(200, 1, .5, .65, .8, .95);
  private static final LearnedRouting AHEAD = fit(DATA, settings(Plan.LOOK_AHEAD, 3, 0));
  private static final LearnedRouting MODELS = fit(DATA, settings(Plan.SUPERMODELS, 3, 0));

  private static Settings settings(Plan plan, int longest, double budget) {
    return settings(false, plan, Order.FREE, longest, budget);
  }

  private static Settings settings(
      boolean embedding, Plan plan, Order order, int longest, double budget) {
    return new Settings(embedding, 10, 3, AnswerForm.CHOICE, plan, order, longest, budget);
  }

  private static LearnedRouting fit(RecordedOutcomes data, Settings settings) {
    return FIT.fit(data, settings, new SplittableRandom(1));
  }

  private static List<CascadeRouting> points(LearnedRouting learned) {
    return learned.points().points().stream().map(p -> new CascadeRouting(p, learned)).toList();
  }

  /** Any point of either curve; of five members the artifact knows four. */
  @Override
  protected Policy policy(int members, Random random) {
    List<CascadeRouting> points = points(random.nextBoolean() ? AHEAD : MODELS);
    return points.get(random.nextInt(points.size()));
  }

  private static List<MemberCard> cards(RecordedOutcomes data) {
    return data.members().stream().map(name -> MemberCard.of(name, 1)).toList();
  }

  private static List<RecordedRun> runs(CascadeMethod method, RecordedOutcomes data) {
    return data.rows().stream().map(row -> RecordedRun.of(method, cards(data), row)).toList();
  }

  private static double usd(List<RecordedRun> runs) {
    return runs.stream().mapToDouble(RecordedRun::usd).average().orElseThrow();
  }

  private static double score(List<RecordedRun> runs) {
    return runs.stream().mapToDouble(RecordedRun::score).average().orElseThrow();
  }

  /** What the fit expects of a point is what its policy does with the same questions. */
  @Test
  void pointsDoWhatTheyWereTunedFor() {
    for (Plan plan : Plan.values()) {
      for (Order order : Order.values()) {
        LearnedRouting learned = fit(DATA, settings(false, plan, order, 3, 20));
        for (TunedPoints.Point point : learned.points().points()) {
          List<RecordedRun> runs = runs(new CascadeRouting(point, learned), DATA);
          assertEquals(point.usd(), usd(runs), 1e-4 * point.usd(), plan + " " + order);
          assertEquals(point.quality(), score(runs), 1e-5);
        }
      }
    }
  }

  @Test
  void theCurveBeginsWithTheCheapestAloneAndEndsWithTheBest() {
    for (LearnedRouting learned : List.of(AHEAD, MODELS)) {
      TunedPoints points = learned.points();
      List<RecordedRun> first = runs(points(learned).getFirst(), DATA);
      assertTrue(first.stream().allMatch(run -> run.member() == 0 && run.answers() == 1));
      double strongest = DATA.score(3);
      assertTrue(points.within(0).quality() >= strongest, "at no price of cost");
      assertEquals(points.points().getLast(), points.within(0));
    }
  }

  /** Where two of .7 and .75 agree .95 are right: the strongest is needed for the others alone. */
  @Test
  void aCascadeIsBetterThanTheMembersOfItsCost() {
    LearnedRouting learned =
        fit(DrawnChoices.drawn(300, 8, .7, .75, .8, .95), settings(Plan.LOOK_AHEAD, 3, 0));
    RecordedOutcomes held = DrawnChoices.drawn(400, 9, .7, .75, .8, .95);
    double most =
        points(learned).stream()
            .map(method -> runs(method, held))
            .filter(runs -> usd(runs) < 600)
            .mapToDouble(CascadeRoutingTest::score)
            .max()
            .orElseThrow();
    // Between the third for 100 and the fourth for 1000 a mixture has .885.
    assertTrue(most > .92, most + " beside " + held.score(2) + " and " + held.score(3));
  }

  @Test
  void theBudgetIsKeptWhereSomePlanKeepsIt() {
    for (Plan plan : Plan.values()) {
      for (double budget : new double[] {15, 150, 5000}) {
        LearnedRouting learned = fit(DATA, settings(plan, 3, budget));
        assertTrue(
            usd(runs(new CascadeRouting(CascadeRouting.Settings.DEFAULTS, learned), DATA))
                <= budget + 1e-3);
      }
      LearnedRouting poor = fit(DATA, settings(plan, 3, 1e-9));
      assertEquals(poor.points().points().getFirst(), poor.points().within(0));
    }
  }

  /** Nothing tells questions apart: the dear one answers as many as the budget pays. */
  @Test
  void betweenTwoPricesAShareOfTheQuestionsIsDecidedByTheDearer() {
    RecordedOutcomes data = DrawnChoices.drawn(300, 3, .4, .9);
    double dear = data.usd(1);
    double cheap = data.usd(0);
    double budget = (cheap + dear) / 2;
    LearnedRouting learned = fit(data, settings(Plan.SUPERMODELS, 1, budget));
    List<RecordedRun> runs =
        runs(new CascadeRouting(CascadeRouting.Settings.DEFAULTS, learned), data);
    assertTrue(usd(runs) <= budget && usd(runs) > .95 * budget, usd(runs) + " of " + budget);
    assertEquals(.65, score(runs), .06);
    assertTrue(runs.stream().allMatch(run -> run.answers() == 1));
  }

  @Test
  void pureRoutingAsksOnceAndACascadeInTheOrderOfCosts() {
    for (Plan plan : Plan.values()) {
      LearnedRouting routing = fit(DATA, settings(plan, 1, 0));
      for (CascadeRouting point : points(routing)) {
        assertTrue(runs(point, DATA).stream().allMatch(run -> run.answers() == 1));
        Policy.Ask ask =
            assertInstanceOf(Policy.Ask.class, point.next(episode(4, List.of(), false)));
        assertTrue(ask.live(), "it is given whatever it is");
      }
      LearnedRouting cascade = fit(DATA, settings(false, plan, Order.BY_COST, 4, 0));
      for (CascadeRouting point : points(cascade)) {
        Run run =
            run(
                point,
                4,
                asked -> says(asked, "ABCD".substring(asked.member()).substring(0, 1), -1),
                9);
        List<Integer> asked =
            run.asks().stream().map(ask -> ask.calls().getFirst().member()).toList();
        assertEquals(asked.stream().sorted().distinct().toList(), asked);
      }
    }
  }

  /** Of six the three cheapest would be .75 at most. */
  @Test
  void aCascadeOfFewAnswersReachesTheBestOfMany() {
    RecordedOutcomes six = DrawnChoices.drawn(200, 5, .5, .55, .6, .65, .7, .95);
    for (Plan plan : Plan.values()) {
      LearnedRouting learned = fit(six, settings(false, plan, Order.BY_COST, 3, 0));
      double best = learned.points().within(0).quality();
      assertTrue(best > six.score(5) - 1e-6, plan + " " + best + " " + six.score(5));
      // Whoever fails, somebody answers, and in the order of costs.
      for (CascadeRouting point : points(learned)) {
        Run run =
            run(
                point,
                6,
                asked -> asked.member() == 0 ? new Failed(asked) : says(asked, "A", -1),
                9);
        assertInstanceOf(Policy.Accept.class, run.end());
      }
    }
  }

  private static Stage said(int call, int member, String text) {
    return says(new Asked(call, 0, member, call + 1, ""), text, -1);
  }

  /** Where two disagree neither is sure; where they agree both are. */
  @Test
  void theBestAnswerIsGivenAndItsQualityTold() {
    Policy policy = points(MODELS).getLast();
    Policy.Step step =
        policy.next(episode(4, List.of(said(0, 0, "A"), said(1, 1, "B"), said(2, 2, "A")), false));
    var accept = assertInstanceOf(Policy.Accept.class, step);
    assertEquals(2, accept.stage(), "the strongest of those that agree");
    assertTrue(step.confidence().orElseThrow() > .8, step::toString);
    step =
        policy.next(episode(4, List.of(said(0, 0, "A"), said(1, 1, "B"), said(2, 2, "C")), true));
    assertEquals(2, assertInstanceOf(Policy.Accept.class, step).stage());
    assertTrue(step.confidence().orElseThrow() < .8, step::toString);
  }

  @Test
  void whoIsBeyondTheRequestsBudgetIsNotAskedWhereOthersAreThere() {
    List<MemberCard> cards =
        IntStream.range(0, 4)
            .mapToObj(m -> MemberCard.of("m" + m, 1).costing(Math.pow(10, m)))
            .toList();
    for (CascadeRouting point : points(AHEAD)) {
      var episode = new Episode(new Query("?"), cards, List.of(), OptionalDouble.of(20), false);
      Policy.Ask ask = assertInstanceOf(Policy.Ask.class, point.next(episode));
      assertTrue(ask.calls().getFirst().member() < 2, "10 of 20");
      var poor = new Episode(new Query("?"), cards, List.of(), OptionalDouble.of(.5), false);
      Policy.Ask tooDear = assertInstanceOf(Policy.Ask.class, point.next(poor));
      assertEquals(0, tooDear.calls().getFirst().member(), "the cheapest is named");
      assertInstanceOf(Policy.Abstain.class, point.next(poor.exhaust()));
    }
  }

  @Test
  void ofStrangersTheFirstAnswerIsTakenWhereAllOthersFailed() {
    var stages = new ArrayList<Stage>();
    Policy policy = points(AHEAD).getFirst();
    for (int round = 0; round < 4; round++) {
      Policy.Ask ask = assertInstanceOf(Policy.Ask.class, policy.next(episode(5, stages, false)));
      int member = ask.calls().getFirst().member();
      assertTrue(member < 4, "first of whom something is known");
      stages.add(new Failed(new Asked(round, 0, member, round + 1, "")));
    }
    Policy.Ask ask = assertInstanceOf(Policy.Ask.class, policy.next(episode(5, stages, false)));
    assertEquals(4, ask.calls().getFirst().member());
    stages.add(said(4, 4, "A"));
    assertEquals(
        4, assertInstanceOf(Policy.Accept.class, policy.next(episode(5, stages, false))).stage());
  }

  @Test
  void theQuestionIsEmbeddedFirst() {
    for (Plan plan : Plan.values()) {
      LearnedRouting learned = fit(DATA, settings(true, plan, Order.FREE, 2, 0));
      CascadeRouting policy = points(learned).getLast();
      Policy.Ask ask =
          assertInstanceOf(Policy.Ask.class, policy.next(episode(4, List.of(), false)));
      assertEquals(
          List.of(new Call.Embed(Call.PLATFORM, List.of("What is 6 x 7?"), "")), ask.calls());
      assertEquals(3, ask.turns());
      assertFalse(ask.live());
      // An embedder that fails leaves what the members are worth on average.
      Stage failed = new Failed(new Asked(0, 0, Call.PLATFORM, 1, ""));
      assertInstanceOf(Policy.Ask.class, policy.next(episode(4, List.of(failed), false)));
      assertTrue(runs(policy, DATA).stream().allMatch(run -> run.member() >= 0));
    }
  }

  @Test
  void whatIsReadBackDoesTheSame() {
    for (Plan plan : Plan.values()) {
      LearnedRouting learned = fit(DATA, settings(true, plan, Order.FREE, 3, 40));
      LearnedRouting read = FIT.read(learned.parameters());
      List<CascadeRouting> points = points(learned);
      List<CascadeRouting> others = points(read);
      assertEquals(points.size(), others.size());
      for (int p = 0; p < points.size(); p += 5) {
        assertEquals(runs(points.get(p), DATA), runs(others.get(p), DATA));
      }
      assertEquals(points.size() + 1, FIT.points(read, Settings.DEFAULTS, cards(DATA)).size());
    }
  }

  private static Optional<Recorded> scored(double score) {
    return Optional.of(new Recorded("A", AnswerSignals.NONE, score, 1, List.of()));
  }

  private static Row row(int number, List<Optional<Recorded>> outcomes) {
    return new Row(number, "", new Query("?"), Optional.empty(), outcomes);
  }

  @Test
  void whatCannotBeLearnedFromIsNamed() {
    var judged = new RecordedOutcomes(List.of("a"), List.of(row(1, List.of(scored(-1)))));
    var e = assertThrows(IllegalArgumentException.class, () -> fit(judged, Settings.DEFAULTS));
    assertTrue(e.getMessage().contains("A score of a is -1.0"), e.getMessage());
    var apart =
        new RecordedOutcomes(
            List.of("a", "b"),
            List.of(
                row(1, List.of(scored(1), Optional.empty())),
                row(2, List.of(Optional.empty(), scored(1)))));
    e = assertThrows(IllegalArgumentException.class, () -> fit(apart, Settings.DEFAULTS));
    assertTrue(e.getMessage().contains("answered by all members"), e.getMessage());
    var nobody =
        new RecordedOutcomes(
            List.of("a", "b"), List.of(row(1, List.of(scored(1), Optional.empty()))));
    e = assertThrows(IllegalArgumentException.class, () -> fit(nobody, Settings.DEFAULTS));
    assertTrue(e.getMessage().contains("No answer of b"), e.getMessage());
  }

  /** Nothing costs anything, one member, one question, gaps: there is always a curve. */
  @Test
  void randomSettingsAlwaysGiveACurve() {
    for (int seed = 0; seed < 8; seed++) {
      var random = new Random(seed);
      var settings =
          new Settings(
              random.nextBoolean(),
              Math.pow(10, random.nextInt(9) - 3),
              Math.pow(10, random.nextInt(9) - 3),
              AnswerForm.AUTO,
              Plan.values()[random.nextInt(2)],
              Order.values()[random.nextInt(2)],
              1 + random.nextInt(4),
              random.nextBoolean() ? 0 : 100 * random.nextDouble());
      double[] right = random.doubles(1 + random.nextInt(4)).toArray();
      RecordedOutcomes data = DrawnChoices.drawn(1 + random.nextInt(30), seed, right);
      LearnedRouting learned = fit(data, settings);
      for (TunedPoints.Point point : learned.points().points()) {
        assertTrue(Double.isFinite(point.usd()) && point.quality() >= 0 && point.quality() <= 1);
      }
      runs(new CascadeRouting(CascadeRouting.Settings.DEFAULTS, learned), data);
    }
    var free =
        new RecordedOutcomes(
            List.of("a", "b"),
            IntStream.range(0, 9)
                .mapToObj(
                    i ->
                        row(
                            i,
                            List.of(
                                Optional.of(
                                    new Recorded("A", AnswerSignals.NONE, i % 2, 0, List.of())),
                                Optional.of(
                                    new Recorded(
                                        "B", AnswerSignals.NONE, 1 - i % 2, 0, List.of())))))
                .toList());
    for (Plan plan : Plan.values()) {
      assertEquals(0, fit(free, settings(plan, 2, 1)).points().within(0).usd());
    }
  }
}
