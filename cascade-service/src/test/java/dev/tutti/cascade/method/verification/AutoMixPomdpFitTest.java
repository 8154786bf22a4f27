package dev.tutti.cascade.method.verification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.verification.AutoMixPomdpFit.Rule;
import dev.tutti.cascade.method.verification.AutoMixPomdpFit.Settings;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AutoMixPomdpFitTest {

  private static final AutoMixPomdpFit FIT = new AutoMixPomdpFit();

  private static Optional<Recorded> recorded(double score, double usd, double share) {
    return Optional.of(
        new Recorded(
            "x",
            AnswerSignals.NONE,
            score,
            usd,
            List.of(),
            Double.isNaN(share) ? Optional.empty() : Optional.of(new Checks(share, .5))));
  }

  /** A cheap member, 1 and .5 for its checks, and a dear one, 10. */
  private static Row row(int number, double cheap, double share, double dear) {
    return new Row(
        number,
        "",
        new Query("" + number),
        Optional.empty(),
        List.of(recorded(dear, 10, Double.NaN), recorded(cheap, 1, share)));
  }

  /**
   * At no check that holds: 3 needy, 1 hopeless; at half: 1 needy, 1 good, 2 hopeless; at all: 4
   * good. So from r = 100 + 99 / 3 on, 100 + 298 on, and never.
   */
  private static RecordedOutcomes questions() {
    return new RecordedOutcomes(
        List.of("dear", "cheap"),
        List.of(
            row(0, 0, 0, 1),
            row(1, 0, 0, 1),
            row(2, 0, 0, 1),
            row(3, 0, 0, 0),
            row(4, 0, .5, 1),
            row(5, 1, .5, 1),
            row(6, 0, .5, 0),
            row(7, 0, .5, 0),
            row(8, 1, 1, 1),
            row(9, 1, 1, 1),
            row(10, 1, 1, 1),
            row(11, 1, 1, 1)));
  }

  private static VerifierBins fit(RecordedOutcomes data, Rule rule, int bins, double budget) {
    return FIT.fit(
        data, new Settings(rule, bins, MemberOrder.COST, budget), new SplittableRandom(1));
  }

  private static void assertPoint(
      double usd, double quality, TunedPoints.Point point, float... values) {
    assertEquals(usd, point.usd(), 1e-6);
    assertEquals(quality, point.quality(), 1e-6);
    assertArrayEquals(values, point.values());
  }

  /** The cheap one alone 5/12 at 1, checked at 1.5; four more asked: 40/12 more, and so on. */
  @Test
  void whoIsProbablyNeedyIsAskedOn() {
    VerifierBins learned = fit(questions(), Rule.POMDP, 2, 0);
    assertEquals(List.of("cheap", "dear"), learned.members(), "by rising cost");
    List<TunedPoints.Point> points = learned.points().points();
    assertEquals(3, points.size());
    assertPoint(1.5, 5.0 / 12, points.get(0), 0, 0, 0);
    assertPoint(1.5 + 40.0 / 12, 8.0 / 12, points.get(1), 1, 0, 0);
    assertPoint(1.5 + 80.0 / 12, 9.0 / 12, points.get(2), 1, 1, 0);
    // .25 for 3.83 is .0652, 1/3 for 7.17 is .0465; always the dear one 1/3 for 9 is .0370.
    assertEquals(1, learned.points().chosen());
    assertEquals(2, fit(questions(), Rule.POMDP, 2, 8.2).points().chosen(), "all that is paid");
    assertEquals(0, fit(questions(), Rule.POMDP, 2, 1.6).points().chosen());
  }

  /** Gains .75, .25 and 0: the bins in their order. */
  @Test
  void whereAskingGainsMostItIsAskedFirst() {
    List<TunedPoints.Point> points = fit(questions(), Rule.GREEDY_POMDP, 2, 0).points().points();
    assertEquals(3, points.size());
    assertPoint(1.5 + 40.0 / 12, 8.0 / 12, points.get(1), 1, 0, 0);
    assertPoint(1.5 + 80.0 / 12, 9.0 / 12, points.get(2), 1, 1, 0);
  }

  /**
   * Who checks worst knows least: only a double threshold leaves those out of whom nobody knows.
   */
  @Test
  void theUnionHasThresholdsBothWays() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 6; i++) {
      rows.add(row(i, 0, 0, 0));
      rows.add(row(6 + i, 0, .5, 1));
      rows.add(row(12 + i, 1, 1, 1));
    }
    VerifierBins learned = fit(new RecordedOutcomes(List.of("d", "c"), rows), Rule.UNION, 2, 0);
    TunedPoints.Point chosen = learned.points().within(0);
    assertArrayEquals(new float[] {0, 1, 0}, chosen.values());
    assertEquals(12.0 / 18, chosen.quality(), 1e-6);
  }

  /** The dear one is worse on the whole, and better where no check holds. */
  @Test
  void aSpecialistIsAskedWhereItKnowsMore() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 4; i++) {
      rows.add(row(i, 0, 0, 1));
      rows.add(row(4 + i, 1, 1, 0));
      rows.add(row(8 + i, 1, 1, 0));
    }
    VerifierBins learned = fit(new RecordedOutcomes(List.of("d", "c"), rows), Rule.POMDP, 2, 0);
    assertArrayEquals(new float[] {1, 0, 0}, learned.points().within(0).values());
  }

  @Test
  void whereTheDearOneIsNoBetterItIsNotAsked() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 8; i++) {
      rows.add(row(i, i % 2, i % 3 / 2.0, i % 2));
    }
    VerifierBins learned = fit(new RecordedOutcomes(List.of("d", "c"), rows), Rule.UNION, 2, 0);
    assertArrayEquals(new float[3], learned.points().within(0).values());
  }

  private static RecordedOutcomes drawn(Random random, int members, int questions) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < questions; i++) {
      var outcomes = new ArrayList<Optional<Recorded>>();
      for (int m = 0; m < members; m++) {
        double share = random.nextInt(9) / 8.0;
        outcomes.add(
            recorded(random.nextDouble() < .4 + .3 * share ? 1 : 0, Math.pow(3, m), share));
      }
      rows.add(new Row(i, "", new Query("" + i), Optional.empty(), outcomes));
    }
    return new RecordedOutcomes(IntStream.range(0, members).mapToObj(m -> "m" + m).toList(), rows);
  }

  /** What the fit says a point costs and gives is what its policy then does with the questions. */
  @Test
  void pointsAreWhatTheirPoliciesDo() {
    for (int members = 2; members <= 4; members++) {
      RecordedOutcomes data = drawn(new Random(members), members, 60);
      List<MemberCard> cards = data.members().stream().map(name -> MemberCard.of(name, 1)).toList();
      for (Rule rule : Rule.values()) {
        Settings settings = new Settings(rule, 8, MemberOrder.COST, 0);
        VerifierBins learned = FIT.fit(data, settings, new SplittableRandom(1));
        List<CascadeMethod> policies = FIT.points(learned, settings, cards);
        List<TunedPoints.Point> points = new ArrayList<>(learned.points().points());
        assertEquals(points.size() + 1, policies.size());
        points.add(learned.points().within(0));
        for (int p = 0; p < points.size(); p++) {
          CascadeMethod policy = policies.get(p);
          List<RecordedRun> runs =
              data.rows().stream().map(row -> RecordedRun.of(policy, cards, row)).toList();
          assertEquals(
              points.get(p).usd(),
              runs.stream().mapToDouble(RecordedRun::usd).average().orElseThrow(),
              1e-4);
          assertEquals(
              points.get(p).quality(),
              runs.stream().mapToDouble(RecordedRun::score).average().orElseThrow(),
              1e-6);
        }
      }
    }
  }

  @Test
  void membersMayBeAskedAsTheirColumnsStand() {
    var rows = List.of(row(0, 1, .5, 0), row(1, 0, .5, 1));
    var checked =
        new RecordedOutcomes(
            List.of("dear", "cheap"),
            rows.stream()
                .map(
                    row ->
                        new Row(
                            row.number(),
                            "",
                            row.query(),
                            Optional.empty(),
                            List.of(
                                recorded(row.score(0), 10, row.score(0)), row.outcomes().get(1))))
                .toList());
    VerifierBins learned =
        FIT.fit(
            checked, new Settings(Rule.POMDP, 1, MemberOrder.COLUMNS, 0), new SplittableRandom(1));
    assertEquals(List.of("dear", "cheap"), learned.members());
    // Whom its own check calls wrong the other one answers right.
    assertArrayEquals(new float[] {1, 0}, learned.points().points().getLast().values());
  }

  @Test
  void whatIsKeptIsReadAgain() {
    RecordedOutcomes data = drawn(new Random(9), 3, 40);
    VerifierBins learned = fit(data, Rule.UNION, 8, 0);
    VerifierBins read = FIT.read(FIT.parameters(learned));
    assertEquals(learned.members(), read.members());
    assertEquals(learned.bins(), read.bins());
    assertEquals(learned.points().chosen(), read.points().chosen());
    for (int p = 0; p < learned.points().points().size(); p++) {
      assertTrue(
          Arrays.equals(
              learned.points().points().get(p).values(), read.points().points().get(p).values()));
    }
  }

  @Test
  void questionsWithoutChecksAreRefused() {
    var without =
        new RecordedOutcomes(
            List.of("dear", "cheap"), List.of(row(0, 0, Double.NaN, 1), row(1, 1, Double.NaN, 1)));
    var wrong = assertThrows(IllegalArgumentException.class, () -> fit(without, Rule.POMDP, 8, 0));
    assertEquals(
        "No question has answers of all members, and the number 'verified' (the share of its checks that call it correct) of those of all but dear.",
        wrong.getMessage());
    var judged = new RecordedOutcomes(List.of("dear", "cheap"), List.of(row(0, 7, .5, 1)));
    assertEquals(
        "A score of cheap is 7.0; automix-pomdp takes scores from 0 (wrong) to 1 (right).",
        assertThrows(IllegalArgumentException.class, () -> fit(judged, Rule.POMDP, 8, 0))
            .getMessage());
  }
}
