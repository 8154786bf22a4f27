package dev.tutti.cascade.method.deferral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.deferral.DeferralFit.Head;
import dev.tutti.cascade.method.deferral.DeferralFit.Settings;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.measure.CostCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeferralFitTest {

  private static final List<DeferralFit> FITS = List.of(DeferralFit.POST_HOC, DeferralFit.QUANTILE);

  private static Optional<Recorded> recorded(double probability, double score, double usd) {
    OptionalDouble log = OptionalDouble.of(Math.log(probability));
    OptionalDouble none = OptionalDouble.empty();
    var signals = new AnswerSignals(log, log, log, none, none, List.of(Math.log(probability)));
    return Optional.of(new Recorded("", signals, score, usd, List.of()));
  }

  private static Row row(int number, double question, List<Optional<Recorded>> outcomes) {
    var embedding = new float[] {(float) question, (float) Math.sqrt(1 - question * question)};
    return new Row(number, "", new Query("q" + number), Optional.of(embedding), outcomes);
  }

  /**
   * The weak one is right with the probability that it tells, everywhere; the special one costs ten
   * times as much, is right on one half of the questions and wrong on the other.
   */
  private static RecordedOutcomes drawn(int n, int seed) {
    var random = new Random(seed);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < n; i++) {
      boolean special = random.nextBoolean();
      double weak = .05 + .9 * random.nextDouble();
      rows.add(
          row(
              i,
              special ? 1 : 0,
              List.of(
                  recorded(.9, special ? 1 : 0, 10),
                  recorded(weak, random.nextDouble() < weak ? 1 : 0, 1))));
    }
    return new RecordedOutcomes(List.of("special", "weak"), rows);
  }

  private static Settings settings(Target target, Head head, MemberOrder order, double budget) {
    return new Settings(target, head, 20, 3, order, budget);
  }

  private static DeferralMembers fit(DeferralFit fit, RecordedOutcomes data, Settings settings) {
    return fit.fit(data, settings, new SplittableRandom(1));
  }

  private static final Settings BY_COST = settings(Target.DIFF_01, Head.TREES, MemberOrder.COST, 0);

  private static List<MemberCard> cards(RecordedOutcomes data) {
    return data.members().stream().map(name -> MemberCard.of(name, 1)).toList();
  }

  private static CostCurve curve(DeferralFit fit, DeferralMembers learned, RecordedOutcomes held) {
    var points = new ArrayList<CostCurve.Point>();
    for (CascadeMethod method : fit.points(learned, BY_COST, cards(held))) {
      List<RecordedRun> runs =
          held.rows().stream().map(row -> RecordedRun.of(method, cards(held), row)).toList();
      points.add(
          new CostCurve.Point(
              runs.stream().mapToDouble(RecordedRun::usd).average().orElseThrow(),
              runs.stream().mapToDouble(RecordedRun::score).average().orElseThrow()));
    }
    return CostCurve.of(points);
  }

  /**
   * Half of the questions are the special one's: asking it for those and nobody else's is right in
   * .75 of all. By the answer alone, at best the less sure half is asked on: .5 of them.
   */
  @Test
  void theSpecialOneIsAskedForItsOwnQuestions() {
    RecordedOutcomes held = drawn(600, 2);
    for (Head head : Head.values()) {
      DeferralMembers learned =
          fit(
              DeferralFit.POST_HOC,
              drawn(600, 1),
              settings(Target.DIFF_01, head, MemberOrder.COST, 0));
      assertEquals(List.of("weak", "special"), learned.members());
      assertTrue(curve(DeferralFit.POST_HOC, learned, held).at(6) > .72, head::toString);
      assertTrue(learned.points().within(0).quality() > .72);
    }
    DeferralMembers blind = fit(DeferralFit.QUANTILE, drawn(600, 1), BY_COST);
    assertTrue(curve(DeferralFit.QUANTILE, blind, held).at(6) < .7);
  }

  @Test
  void whoIsUnsureIsDeferredFirst() {
    for (DeferralFit fit : FITS) {
      for (Target target : Target.values()) {
        for (Head head : Head.values()) {
          DeferralMembers learned =
              fit(fit, drawn(400, 3), settings(target, head, MemberOrder.COST, 0));
          double sure = confidence(learned, .9);
          double unsure = confidence(learned, .2);
          // What the special one finds probable has nothing to do with it: its own is what tells.
          assertTrue(sure > unsure, "%s %s: %s, %s".formatted(target, head, sure, unsure));
        }
      }
    }
  }

  private static double confidence(DeferralMembers learned, double probability) {
    return learned
        .confidence(
            0, recorded(probability, 1, 1).orElseThrow().signals(), Optional.of(new float[] {1, 0}))
        .orElseThrow();
  }

  @Test
  void columnsStandAsTheyAre() {
    assertEquals(
        List.of("special", "weak"),
        fit(
                DeferralFit.POST_HOC,
                drawn(60, 4),
                settings(Target.DIFF_01, Head.LINEAR, MemberOrder.COLUMNS, 0))
            .members());
  }

  @Test
  void theBudgetIsKeptWhereSomePointKeepsIt() {
    RecordedOutcomes data = drawn(200, 5);
    for (DeferralFit fit : FITS) {
      for (double budget : new double[] {1, 2, 5, 9, 30}) {
        TunedPoints.Point point =
            fit(fit, data, settings(Target.DIFF_01, Head.LINEAR, MemberOrder.COST, budget))
                .points()
                .within(0);
        assertTrue(point.usd() <= budget, point + " for " + budget);
      }
      TunedPoints free = fit(fit, data, BY_COST).points();
      assertEquals(
          free.points().stream().mapToDouble(TunedPoints.Point::quality).max().orElseThrow(),
          free.within(0).quality());
      var poor = new StageThresholds(free.within(.001).values());
      assertTrue(poor.acceptsAll(0) && poor.leavesOut(1), "the cheapest alone");
    }
  }

  /** Of three, parts have no gap: whoever is asked is the one that its forerunner's head knows. */
  @Test
  void aPointLeavesNobodyOutInTheMiddle() {
    var random = new Random(6);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 90; i++) {
      double weak = .05 + .9 * random.nextDouble();
      double middle = .3 + .7 * random.nextDouble();
      rows.add(
          row(
              i,
              random.nextDouble(),
              List.of(
                  recorded(weak, random.nextDouble() < weak ? 1 : 0, 1),
                  recorded(middle, random.nextDouble() < middle ? 1 : 0, 2),
                  recorded(.9, random.nextDouble() < .9 ? 1 : 0, 10))));
    }
    var data = new RecordedOutcomes(List.of("a", "b", "c"), rows);
    for (DeferralFit fit : FITS) {
      TunedPoints points = fit(fit, data, BY_COST).points();
      assertTrue(points.points().size() > 3);
      for (TunedPoints.Point point : points.points()) {
        var its = new StageThresholds(point.values());
        assertTrue(!its.leavesOut(1) || its.leavesOut(0) || its.acceptsAll(0), point::toString);
      }
    }
  }

  @Test
  void whatIsReadBackDoesTheSame() {
    RecordedOutcomes data = drawn(120, 7);
    for (DeferralFit fit : FITS) {
      for (Head head : Head.values()) {
        for (Target target : Target.values()) {
          DeferralMembers learned = fit(fit, data, settings(target, head, MemberOrder.COST, 3));
          DeferralMembers read = fit.read(learned.parameters());
          assertEquals(learned.members(), read.members());
          for (Row row : data.rows()) {
            AnswerSignals signals = row.outcomes().get(1).orElseThrow().signals();
            assertEquals(
                learned.confidence(0, signals, row.embedding()),
                read.confidence(0, signals, row.embedding()));
          }
          assertEquals(
              RecordedRun.of(
                  fit.points(learned, BY_COST, cards(data)).getLast(),
                  cards(data),
                  data.rows().getFirst()),
              RecordedRun.of(
                  fit.points(read, BY_COST, cards(data)).getLast(),
                  cards(data),
                  data.rows().getFirst()));
        }
      }
    }
  }

  @Test
  void theSameChanceLearnsTheSame() {
    RecordedOutcomes data = drawn(120, 8);
    for (DeferralFit fit : FITS) {
      double one = confidence(fit(fit, data, BY_COST), .4);
      assertEquals(one, confidence(fit(fit, data, BY_COST), .4));
    }
  }

  @Test
  void oneMemberIsAskedForEverything() {
    var data =
        new RecordedOutcomes(
            List.of("a"),
            IntStream.range(0, 5)
                .mapToObj(i -> row(i, 0, List.of(recorded(.5, i % 2, 1))))
                .toList());
    for (DeferralFit fit : FITS) {
      TunedPoints points = fit(fit, data, BY_COST).points();
      assertEquals(1, points.points().size());
      assertTrue(new StageThresholds(points.within(0).values()).acceptsAll(0));
    }
  }

  @Test
  void whatTellsNothingIsPassedOver() {
    var rows = new ArrayList<>(drawn(60, 9).rows());
    var mute = Optional.of(new Recorded("", AnswerSignals.NONE, 1, 1, List.of()));
    rows.add(row(60, 0, List.of(recorded(.9, 1, 10), mute)));
    rows.add(row(61, 0, List.of(recorded(.9, 1, 10), Optional.empty())));
    rows.add(row(62, 0, List.of(Optional.empty(), recorded(.9, 1, 1))));
    rows.add(
        new Row(
            63,
            "",
            new Query(""),
            Optional.empty(),
            List.of(recorded(.9, 1, 10), recorded(.9, 1, 1))));
    for (DeferralFit fit : FITS) {
      fit(fit, new RecordedOutcomes(List.of("special", "weak"), rows), BY_COST);
    }
  }

  @Test
  void whatCannotBeLearnedFromIsNamed() {
    for (DeferralFit fit : FITS) {
      var few =
          new RecordedOutcomes(List.of("special", "weak"), drawn(60, 10).rows().subList(0, 9));
      var e = assertThrows(IllegalArgumentException.class, () -> fit(fit, few, BY_COST));
      assertTrue(
          e.getMessage().contains("9 questions tell what special does better than weak"),
          e.getMessage());
      var judged =
          new RecordedOutcomes(List.of("a"), List.of(row(1, 0, List.of(recorded(.5, 7, 1)))));
      e = assertThrows(IllegalArgumentException.class, () -> fit(fit, judged, BY_COST));
      assertTrue(e.getMessage().contains("A score of a is 7.0"), e.getMessage());
      Row once = drawn(1, 11).rows().getFirst();
      var same =
          new RecordedOutcomes(List.of("special", "weak"), java.util.Collections.nCopies(20, once));
      for (Head head : Head.values()) {
        e =
            assertThrows(
                IllegalArgumentException.class,
                () -> fit(fit, same, settings(Target.DIFF_01, head, MemberOrder.COST, 0)));
        assertTrue(e.getMessage().contains("different ones are needed"), e.getMessage());
      }
    }
  }

  @Test
  void randomSettingsAlwaysGiveACurve() {
    for (int seed = 0; seed < 40; seed++) {
      var random = new Random(seed);
      var settings =
          new Settings(
              Target.values()[random.nextInt(4)],
              Head.values()[random.nextInt(2)],
              1 + random.nextInt(20),
              1 + random.nextInt(6),
              MemberOrder.values()[random.nextInt(2)],
              random.nextInt(12));
      DeferralMembers learned =
          fit(FITS.get(random.nextInt(2)), drawn(12 + random.nextInt(60), seed), settings);
      for (TunedPoints.Point point : learned.points().points()) {
        assertTrue(Double.isFinite(point.usd()) && point.quality() >= 0 && point.quality() <= 1);
      }
    }
  }
}
