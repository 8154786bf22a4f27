package dev.tutti.cascade.method.calibrated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit.Chains;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit.Curves;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit.Settings;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingFit.Worth;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibratedCascadingFitTest {

  private static final CalibratedCascadingFit FIT = new CalibratedCascadingFit();

  private static Optional<Recorded> recorded(double probability, double score, double usd) {
    OptionalDouble none = OptionalDouble.empty();
    OptionalDouble sum =
        Double.isNaN(probability) ? none : OptionalDouble.of(Math.log(probability));
    return Optional.of(
        new Recorded("", new AnswerSignals(none, sum, none, none, none), score, usd, List.of()));
  }

  private static Row row(int number, List<Optional<Recorded>> outcomes) {
    return new Row(number, "", new Query("q" + number), Optional.empty(), outcomes);
  }

  /**
   * The weak one is right with the probability that it tells, the mute one with .6 whatever it
   * tells, the strong one with .95; columns as said, costs 1, 2 and 10.
   */
  private static RecordedOutcomes drawn(int n, int seed) {
    var random = new Random(seed);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < n; i++) {
      double weak = .05 + .9 * random.nextDouble();
      rows.add(
          row(
              i,
              List.of(
                  recorded(.3 + .6 * random.nextDouble(), random.nextDouble() < .95 ? 1 : 0, 10),
                  recorded(random.nextDouble(), random.nextDouble() < .6 ? 1 : 0, 2),
                  recorded(weak, random.nextDouble() < weak ? 1 : 0, 1))));
    }
    return new RecordedOutcomes(List.of("strong", "mute", "weak"), rows);
  }

  private static Settings settings(
      Chains chains, Curves curves, double budget, double quality, double abstention) {
    return new Settings(
        Confidence.MAXPROB,
        Scale.TWO_SIDED,
        curves,
        2,
        chains,
        3,
        Worth.CONFIDENCE,
        budget,
        quality,
        abstention,
        .5);
  }

  private static CalibratedMembers fit(RecordedOutcomes data, Settings settings) {
    return FIT.fit(data, settings, new SplittableRandom(1));
  }

  private static final Settings PARTS = settings(Chains.PARTS, Curves.LOGISTIC, 0, 0, 0);

  private static StageThresholds chosen(CalibratedMembers learned) {
    return new StageThresholds(learned.points().within(0).values());
  }

  @Test
  void partsAreAskedByCostAndWholeAsTheyStand() {
    RecordedOutcomes data = drawn(200, 1);
    assertEquals(List.of("weak", "mute", "strong"), fit(data, PARTS).members());
    assertEquals(
        List.of("strong", "mute", "weak"),
        fit(data, settings(Chains.WHOLE, Curves.LOGISTIC, 0, 0, 0)).members());
  }

  @Test
  void whoTellsNothingIsLeftOut() {
    CalibratedMembers learned = fit(drawn(400, 2), PARTS);
    assertEquals(.6, learned.curves().get(1).of(7), .1);
    assertEquals(learned.curves().get(1).of(-7), learned.curves().get(1).of(7));
    // Dearer than the weak one, and not better than chance tells.
    TunedPoints points = learned.points();
    for (int p = 0; p < points.points().size(); p++) {
      StageThresholds its = new StageThresholds(points.points().get(p).values());
      assertTrue(its.leavesOut(1) || its.acceptsAll(1), "asked for some only");
    }
  }

  @Test
  void calibratedIsWhatComesTrue() {
    for (Curves curves : Curves.values()) {
      CalibratedMembers learned = fit(drawn(4000, 3), settings(Chains.PARTS, curves, 0, 0, 0));
      for (double p : new double[] {.2, .5, .8}) {
        double told = learned.curves().get(0).of(Scale.TWO_SIDED.of(Math.log(p)));
        assertEquals(p, told, .08, curves + " at " + p);
      }
    }
  }

  @Test
  void theBudgetIsKeptWhereSomeChainKeepsIt() {
    RecordedOutcomes data = drawn(300, 4);
    for (double budget : new double[] {1, 1.5, 3, 7, 20}) {
      TunedPoints.Point point =
          fit(data, settings(Chains.PARTS, Curves.LOGISTIC, budget, 0, 0)).points().within(0);
      assertTrue(point.usd() <= budget, point + " for " + budget);
    }
    // Nothing costs less than the cheapest one alone.
    CalibratedMembers poor = fit(data, settings(Chains.PARTS, Curves.LOGISTIC, .01, 0, 0));
    assertTrue(chosen(poor).acceptsAll(0) && chosen(poor).leavesOut(2));
    CalibratedMembers rich = fit(data, PARTS);
    double best =
        rich.points().points().stream().mapToDouble(TunedPoints.Point::quality).max().orElseThrow();
    assertEquals(best, rich.points().within(0).quality());
  }

  @Test
  void theCheapestThatIsGoodEnoughIsTaken() {
    RecordedOutcomes data = drawn(300, 5);
    TunedPoints all = fit(data, PARTS).points();
    TunedPoints.Point good =
        fit(data, settings(Chains.PARTS, Curves.LOGISTIC, 0, .8, 0)).points().within(0);
    assertTrue(good.quality() >= .8);
    assertTrue(all.points().stream().noneMatch(p -> p.usd() < good.usd() && p.quality() >= .8));
    TunedPoints.Point within =
        fit(data, settings(Chains.PARTS, Curves.LOGISTIC, 1.5, .8, 0)).points().within(0);
    assertTrue(within.usd() <= 1.5 && within.quality() < .8, "the best within the budget");
  }

  @Test
  void whatIsReadBackDoesTheSame() {
    RecordedOutcomes data = drawn(200, 6);
    for (Curves curves : Curves.values()) {
      for (double abstention : new double[] {0, .3}) {
        CalibratedMembers learned = fit(data, settings(Chains.PARTS, curves, 3, 0, abstention));
        CalibratedMembers read = FIT.read(learned.parameters());
        assertEquals(learned.members(), read.members());
        var one = new CalibratedCascading(CalibratedCascading.Settings.DEFAULTS, learned);
        var other = new CalibratedCascading(CalibratedCascading.Settings.DEFAULTS, read);
        List<MemberCard> cards = cards(data);
        for (Row row : data.rows()) {
          assertEquals(RecordedRun.of(one, cards, row), RecordedRun.of(other, cards, row));
        }
      }
    }
  }

  private static List<MemberCard> cards(RecordedOutcomes data) {
    return data.members().stream().map(name -> MemberCard.of(name, 1)).toList();
  }

  /** What the tuning expects of a point is what its policy does with the same questions. */
  @Test
  void pointsDoWhatTheyWereTunedFor() {
    RecordedOutcomes data = drawn(150, 7);
    for (double abstention : new double[] {0, .3}) {
      Settings settings =
          new Settings(
              Confidence.MAXPROB,
              Scale.TWO_SIDED,
              Curves.LOGISTIC,
              2,
              Chains.PARTS,
              3,
              Worth.SCORE,
              0,
              0,
              abstention,
              .6);
      CalibratedMembers learned = fit(data, settings);
      List<MemberCard> cards = cards(data);
      List<dev.tutti.cascade.CascadeMethod> methods = FIT.points(learned, settings, cards);
      assertEquals(learned.points().points().size() + 1, methods.size());
      for (int p = 0; p < methods.size() - 1; p++) {
        int point = p;
        List<RecordedRun> runs =
            data.rows().stream()
                .map(row -> RecordedRun.of(methods.get(point), cards, row))
                .toList();
        double quality =
            runs.stream()
                .mapToDouble(run -> run.member() < 0 ? 1 - abstention : run.score())
                .average()
                .orElseThrow();
        assertEquals(learned.points().points().get(p).quality(), quality, 1e-5);
        assertEquals(
            learned.points().points().get(p).usd(),
            runs.stream().mapToDouble(RecordedRun::usd).average().orElseThrow(),
            1e-5);
        double answered = runs.stream().filter(run -> run.member() >= 0).count();
        assertTrue(answered >= .6 * runs.size());
      }
    }
  }

  @Test
  void oneMemberIsAskedForEverything() {
    RecordedOutcomes data =
        new RecordedOutcomes(
            List.of("a"),
            IntStream.range(0, 30).mapToObj(i -> row(i, List.of(recorded(.5, i % 2, 1)))).toList());
    for (Chains chains : Chains.values()) {
      CalibratedMembers learned = fit(data, settings(chains, Curves.ISOTONIC, 0, 0, 0));
      assertEquals(1, learned.points().points().size());
      assertTrue(chosen(learned).acceptsAll(0));
    }
  }

  @Test
  void answersWithoutSignalsAndQuestionsNotAskedOfAllAreUsedAsFarAsTheyGo() {
    var rows = new ArrayList<Row>(drawn(100, 8).rows());
    rows.add(row(100, List.of(Optional.empty(), Optional.empty(), recorded(.5, 1, 1))));
    rows.add(
        row(101, List.of(recorded(Double.NaN, 1, 10), recorded(.5, 1, 2), recorded(.4, 0, 1))));
    var data = new RecordedOutcomes(List.of("strong", "mute", "weak"), rows);
    assertEquals(3, fit(data, PARTS).curves().size());
    var silent =
        new RecordedOutcomes(
            List.of("a", "b"),
            IntStream.range(0, 9)
                .mapToObj(i -> row(i, List.of(recorded(Double.NaN, i % 2, 1), recorded(.5, 1, 2))))
                .toList());
    CalibratedMembers learned = fit(silent, PARTS);
    assertEquals(4.0 / 9, learned.curves().getFirst().of(1), 1e-6);
  }

  @Test
  void whatCannotBeLearnedFromIsNamed() {
    var judged = new RecordedOutcomes(List.of("a"), List.of(row(1, List.of(recorded(.5, 7, 1)))));
    var e = assertThrows(IllegalArgumentException.class, () -> fit(judged, PARTS));
    assertTrue(e.getMessage().contains("A score of a is 7.0"), e.getMessage());
    var apart =
        new RecordedOutcomes(
            List.of("a", "b"),
            List.of(
                row(1, List.of(recorded(.5, 1, 1), Optional.empty())),
                row(2, List.of(Optional.empty(), recorded(.5, 1, 1)))));
    e = assertThrows(IllegalArgumentException.class, () -> fit(apart, PARTS));
    assertTrue(e.getMessage().contains("answered by all members"), e.getMessage());
    var nobody =
        new RecordedOutcomes(
            List.of("a", "b"), List.of(row(1, List.of(recorded(.5, 1, 1), Optional.empty()))));
    e = assertThrows(IllegalArgumentException.class, () -> fit(nobody, PARTS));
    assertTrue(e.getMessage().contains("No answer of b"), e.getMessage());
  }

  @Test
  void randomSettingsAlwaysGiveACurve() {
    for (int seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      Settings settings =
          new Settings(
              Confidence.MAXPROB,
              Scale.values()[random.nextInt(2)],
              Curves.values()[random.nextInt(2)],
              3 * random.nextDouble(),
              Chains.values()[random.nextInt(2)],
              1 + random.nextInt(5),
              Worth.values()[random.nextInt(2)],
              random.nextInt(12),
              random.nextDouble(),
              random.nextBoolean() ? 0 : random.nextDouble(),
              random.nextDouble());
      TunedPoints points = fit(drawn(60 + random.nextInt(60), seed), settings).points();
      assertTrue(points.points().size() >= 1);
      assertTrue(
          Arrays.stream(points.points().toArray(TunedPoints.Point[]::new))
              .allMatch(p -> Double.isFinite(p.usd()) && p.quality() >= 0 && p.quality() <= 1));
    }
  }
}
