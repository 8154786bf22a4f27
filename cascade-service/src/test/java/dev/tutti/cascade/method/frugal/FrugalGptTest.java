package dev.tutti.cascade.method.frugal;

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
import dev.tutti.cascade.method.frugal.FrugalGptFit.Settings;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FrugalGptTest extends PolicyContract {

  private static final FrugalGptFit FIT = new FrugalGptFit();
  private static final RecordedOutcomes DATA = DrawnChoices.drawn(300, 1, .55, .65, .75, .9, .95);
  private static final FrugalScorer LEARNED = fit(DATA, settings(false, 3, 0));

  private static Settings settings(boolean embedding, int longest, double budget) {
    return new Settings(embedding, 10, 3, AnswerForm.AUTO, .5, longest, budget);
  }

  private static FrugalScorer fit(RecordedOutcomes data, Settings settings) {
    return FIT.fit(data, settings, new SplittableRandom(1));
  }

  private static FrugalGpt policy(FrugalScorer learned, int[] columns, float... thresholds) {
    return new FrugalGpt(
        new TunedPoints.Point(1, 1, FrugalChain.values(columns, thresholds)), learned);
  }

  /** A chain in any order, perhaps of members that the ensemble lacks. */
  @Override
  protected Policy policy(int members, Random random) {
    int[] order = Shuffle.of(5, random);
    int length = 1 + random.nextInt(3);
    var thresholds = new float[length - 1];
    for (int j = 0; j < thresholds.length; j++) {
      thresholds[j] = random.nextFloat();
    }
    return policy(LEARNED, Arrays.copyOf(order, length), thresholds);
  }

  @Override
  @Test
  protected void timeIsLeftForThoseThatMayBeAskedYet() {
    Run run = run(policy(LEARNED, new int[] {2, 0, 1}, .5f, .5f), 3, Failed::new, 99);
    assertEquals(List.of(3, 2, 1), run.asks().stream().map(Policy.Ask::turns).toList());
    assertEquals(
        List.of(2, 0, 1), run.asks().stream().map(ask -> ask.calls().getFirst().member()).toList());
  }

  private static Stage said(int call, int member, String text) {
    return says(new Asked(call, 0, member, call + 1, ""), text, -1);
  }

  /** Alone the first is right in .55 of all; where the second says the same it is rarely wrong. */
  @Test
  void agreementTellsWhoIsReliable() {
    Policy policy = policy(LEARNED, new int[] {0, 1, 3}, .7f, .7f);
    Policy.Step alone = policy.next(episode(5, List.of(said(0, 0, "A")), false));
    assertEquals(.55, alone.confidence().orElseThrow(), .08);
    assertEquals(1, assertInstanceOf(Policy.Ask.class, alone).calls().getFirst().member());
    Policy.Step same = policy.next(episode(5, List.of(said(0, 0, "A"), said(1, 1, "A")), false));
    assertEquals(1, assertInstanceOf(Policy.Accept.class, same).stage());
    assertTrue(same.confidence().orElseThrow() > .8, same::toString);
    assertEquals(.7f, same.threshold().orElseThrow());
    Policy.Step other = policy.next(episode(5, List.of(said(0, 0, "A"), said(1, 1, "B")), false));
    var ask = assertInstanceOf(Policy.Ask.class, other);
    assertEquals(3, ask.calls().getFirst().member());
    assertTrue(ask.live(), "the last is accepted whatever it is");
    assertTrue(other.confidence().orElseThrow() < .6, other::toString);
  }

  /** A chain of costs 10, 100 and 1, beside one for 2 that the point leaves out. */
  @Test
  void whomTheBudgetDoesNotPayIsPassedOver() {
    Policy policy = policy(LEARNED, new int[] {0, 1, 2}, .99f, .99f);
    double[] usd = {10, 100, 1, 2};
    List<MemberCard> cards =
        IntStream.range(0, 4).mapToObj(m -> MemberCard.of("m" + m, 1).costing(usd[m])).toList();
    assertEquals(0, next(policy, cards, 10));
    assertEquals(2, next(policy, cards, 9));
    assertEquals(0, next(policy, cards, .5), "whoever would be first is named");
    assertEquals(2, next(policy, cards, 9, said(0, 0, "A")), "the second is passed over");
    assertEquals(1, next(policy, cards, 100, said(0, 0, "A")));
    var dear = new ArrayList<>(cards);
    dear.set(2, cards.get(2).costing(1000));
    assertEquals(3, next(policy, dear, 9), "who is left out, where no other is paid");
    var episode =
        new Episode(new Query("?"), dear, List.of(said(0, 3, "A")), OptionalDouble.of(9), false);
    assertEquals(0, assertInstanceOf(Policy.Accept.class, policy.next(episode)).stage());
  }

  @Test
  void theBestAnswerIsGivenBesideAnEmbeddingWhereTheBudgetEnds() {
    Stage embedded = new Failed(new Asked(0, 0, Call.PLATFORM, 1, ""));
    Policy policy = policy(LEARNED, new int[] {0, 1}, .99f);
    Policy.Step step = policy.next(episode(5, List.of(embedded, said(1, 0, "A")), true));
    assertEquals(1, assertInstanceOf(Policy.Accept.class, step).stage());
  }

  private static int next(Policy policy, List<MemberCard> cards, double left, Stage... stages) {
    var episode =
        new Episode(new Query("?"), cards, List.of(stages), OptionalDouble.of(left), false);
    Policy.Ask ask = assertInstanceOf(Policy.Ask.class, policy.next(episode));
    return ask.calls().getFirst().member();
  }

  @Test
  void theQuestionIsEmbeddedBesideTheFirstCallWhereTheScorerLooksAtIt() {
    FrugalScorer learned = fit(DATA, settings(true, 3, 0));
    assertTrue(learned.estimates().embeds());
    Policy.Ask ask =
        assertInstanceOf(
            Policy.Ask.class,
            policy(learned, new int[] {0, 3}, .7f).next(episode(5, List.of(), false)));
    assertEquals(List.of(Call.PLATFORM, 0), ask.calls().stream().map(Call::member).toList());
    ask =
        assertInstanceOf(
            Policy.Ask.class, policy(learned, new int[] {3}).next(episode(5, List.of(), false)));
    assertEquals(List.of(3), ask.calls().stream().map(Call::member).toList());
  }

  private static List<MemberCard> cards(RecordedOutcomes data) {
    return data.members().stream().map(name -> MemberCard.of(name, 1)).toList();
  }

  private static double mean(CascadeMethod method, RecordedOutcomes data, boolean usd) {
    return data.rows().stream()
        .map(row -> RecordedRun.of(method, cards(data), row))
        .mapToDouble(run -> usd ? run.usd() : run.score())
        .average()
        .orElseThrow();
  }

  /** What the search expects of a chain is what its policy does with the same questions. */
  @Test
  void chainsDoWhatTheyWereFoundFor() {
    for (boolean embedding : new boolean[] {false, true}) {
      FrugalScorer learned = fit(DATA, settings(embedding, 3, 0));
      RecordedOutcomes other = DrawnChoices.drawn(60, 2, .55, .65, .75, .9, .95);
      List<TunedPoints.Point> points =
          new ChainSearch(learned.estimates(), other, other.rows()).search(3);
      assertTrue(points.stream().anyMatch(p -> p.values()[2] >= 0), "some chain of three");
      for (TunedPoints.Point point : points) {
        var method = new FrugalGpt(point, learned);
        assertEquals(point.usd(), mean(method, other, true), 1e-4 * point.usd());
        assertEquals(point.quality(), mean(method, other, false), 1e-5);
      }
    }
  }

  /** No single member, pair or triple with any of its thresholds beats the front. */
  @Test
  void nothingThatWasLeftOutIsBetter() {
    RecordedOutcomes other = DrawnChoices.drawn(25, 3, .5, .7, .9);
    FrugalScorer learned = fit(DrawnChoices.drawn(200, 4, .5, .7, .9), settings(false, 3, 0));
    List<TunedPoints.Point> points =
        new ChainSearch(learned.estimates(), other, other.rows()).search(3);
    var random = new Random(5);
    for (int trial = 0; trial < 300; trial++) {
      int[] columns = Arrays.copyOf(Shuffle.of(3, random), 1 + random.nextInt(3));
      var thresholds = new float[columns.length - 1];
      for (int j = 0; j < thresholds.length; j++) {
        thresholds[j] = (float) (.2 + .8 * random.nextDouble());
      }
      FrugalGpt tried = policy(learned, columns, thresholds);
      double usd = mean(tried, other, true);
      double quality = mean(tried, other, false);
      assertTrue(
          points.stream().anyMatch(p -> p.usd() <= usd + 1e-4 && p.quality() >= quality - 1e-6),
          Arrays.toString(columns) + Arrays.toString(thresholds));
    }
  }

  @Test
  void theBudgetIsKeptWhereSomeChainKeepsIt() {
    for (double budget : new double[] {1.5, 5, 50, 1000, 1e6}) {
      TunedPoints points = fit(DATA, settings(false, 3, budget)).points();
      assertTrue(points.within(0).usd() <= budget, "budget " + budget);
    }
    FrugalScorer poor = fit(DATA, settings(false, 3, 1e-6));
    assertEquals(
        List.of("m0"),
        FrugalChain.of(poor.estimates(), poor.points().within(0).values()).members());
    TunedPoints rich = LEARNED.points();
    assertEquals(rich.points().getLast(), rich.within(0));
  }

  @Test
  void shortChainsAreShort() {
    for (int longest = 1; longest <= 3; longest++) {
      FrugalScorer learned = fit(DATA, settings(false, longest, 0));
      for (TunedPoints.Point point : learned.points().points()) {
        assertTrue(FrugalChain.of(learned.estimates(), point.values()).columns().size() <= longest);
      }
    }
  }

  @Test
  void whatIsReadBackDoesTheSame() {
    FrugalScorer learned = fit(DATA, settings(true, 3, 20));
    FrugalScorer read = FIT.read(learned.parameters());
    var one = new FrugalGpt(FrugalGpt.Settings.DEFAULTS, learned);
    var other = new FrugalGpt(FrugalGpt.Settings.DEFAULTS, read);
    for (Row row : DATA.rows()) {
      assertEquals(RecordedRun.of(one, cards(DATA), row), RecordedRun.of(other, cards(DATA), row));
    }
    assertEquals(
        learned.points().points().size() + 1,
        FIT.points(learned, Settings.DEFAULTS, cards(DATA)).size());
  }

  private static Row row(int number, List<Optional<Recorded>> outcomes) {
    return new Row(number, "", new Query("?"), Optional.empty(), outcomes);
  }

  private static Optional<Recorded> scored(double score) {
    return Optional.of(new Recorded("A", AnswerSignals.NONE, score, 1, List.of()));
  }

  @Test
  void whatCannotBeLearnedFromIsNamed() {
    Settings defaults = Settings.DEFAULTS;
    var judged =
        new RecordedOutcomes(
            List.of("a"), IntStream.range(0, 4).mapToObj(i -> row(i, List.of(scored(7)))).toList());
    var e = assertThrows(IllegalArgumentException.class, () -> fit(judged, defaults));
    assertTrue(e.getMessage().contains("A score of a is 7.0"), e.getMessage());
    var one = new RecordedOutcomes(List.of("a"), List.of(row(1, List.of(scored(1)))));
    e = assertThrows(IllegalArgumentException.class, () -> fit(one, defaults));
    assertTrue(e.getMessage().contains("Of 1 questions"), e.getMessage());
    var apart =
        new RecordedOutcomes(
            List.of("a", "b"),
            IntStream.range(0, 8)
                .mapToObj(
                    i ->
                        row(
                            i,
                            i % 2 == 0
                                ? List.of(scored(1), Optional.<Recorded>empty())
                                : List.of(Optional.<Recorded>empty(), scored(1))))
                .toList());
    e = assertThrows(IllegalArgumentException.class, () -> fit(apart, defaults));
    assertTrue(e.getMessage().contains("answered by all members"), e.getMessage());
  }

  @Test
  void oneMemberIsTheOnlyChain() {
    FrugalScorer learned = fit(DrawnChoices.drawn(20, 6, .5), Settings.DEFAULTS);
    assertEquals(1, learned.points().points().size());
    assertFalse(learned.points().points().getFirst().values()[0] < 0);
  }

  @Test
  void randomSettingsAlwaysGiveACurve() {
    for (int seed = 0; seed < 15; seed++) {
      var random = new Random(seed);
      var settings =
          new Settings(
              random.nextBoolean(),
              Math.pow(10, random.nextInt(9) - 3),
              Math.pow(10, random.nextInt(9) - 3),
              random.nextBoolean() ? AnswerForm.AUTO : AnswerForm.TEXT,
              .1 + .8 * random.nextDouble(),
              1 + random.nextInt(3),
              random.nextBoolean() ? 0 : 100 * random.nextDouble());
      TunedPoints points =
          fit(DrawnChoices.drawn(20 + random.nextInt(40), seed, .4, .6, .9), settings).points();
      for (TunedPoints.Point point : points.points()) {
        assertTrue(Double.isFinite(point.usd()) && point.quality() >= 0 && point.quality() <= 1);
      }
    }
  }
}
