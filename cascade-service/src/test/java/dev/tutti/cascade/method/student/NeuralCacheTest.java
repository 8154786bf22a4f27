package dev.tutti.cascade.method.student;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.method.student.NeuralCache.Advice;
import dev.tutti.cascade.method.student.NeuralCache.Kind;
import dev.tutti.cascade.method.student.NeuralCache.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeuralCacheTest {

  private static final double SHARE = .3;

  private static Settings settings(Strategy strategy, Kind kind, double share, int initial) {
    return new Settings(strategy, kind, share, initial, 10, 1000);
  }

  private static float[] unit(double angle) {
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }

  private static Observation answered(double angle, String answer) {
    return Observation.of(Double.NaN, true, 0, Optional.of(new Example(unit(angle), answer)));
  }

  private static Guess guess(double nearest, Object... beliefs) {
    var falling = new LinkedHashMap<String, Double>();
    for (int i = 0; i < beliefs.length; i += 2) {
      falling.put((String) beliefs[i], (Double) beliefs[i + 1]);
    }
    return new Guess(falling, nearest);
  }

  /** Beliefs .5, .3, .2: the lead is .2, the entropy 1.0297 nats. */
  @Test
  void needsByHand() {
    Guess latest = guess(.7, "a", .5, "b", .3, "c", .2);
    assertEquals(.8, Strategy.MARGIN.need(List.of(latest), .4), 1e-9);
    assertEquals(1.0297, Strategy.ENTROPY.need(List.of(latest), .4), 1e-4);
    assertEquals(.3, Strategy.CORESET.need(List.of(latest), .4), 1e-9);
    assertEquals(.4, Strategy.RANDOM.need(List.of(latest), .4), 1e-9);
    assertEquals(1, Strategy.FRONT_LOAD.need(List.of(latest), .4), 1e-9);
    // They believe a by .1, 0 and .5.
    List<Guess> committee = List.of(guess(.7, "b", .9, "a", .1), guess(.7, "c", 1.0), latest);
    assertEquals(1 - .6 / 3, Strategy.COMMITTEE.need(committee, .4), 1e-9);
    assertEquals(0, Strategy.MARGIN.need(List.of(guess(1, "a", 1.0)), .4), 1e-9);
  }

  /** Similarities 1, .8 and .6: e^20, e^16 and e^12, of which a has the first and the last. */
  @Test
  void neighboursVoteByTheirSimilarity() {
    List<Example> examples =
        List.of(
            new Example(unit(0), "a"),
            new Example(unit(Math.acos(.8)), "b"),
            new Example(unit(Math.acos(.6)), "a"));
    Guess guess = Student.of(examples, Kind.NEIGHBOURS, Strategy.MARGIN).guess(unit(0));
    double all = 1 + Math.exp(-4) + Math.exp(-8);
    assertEquals("a", guess.answer());
    assertEquals(Math.exp(-4) / all, guess.of("b"), 1e-5);
    assertEquals((1 + Math.exp(-8)) / all, guess.of("a"), 1e-5);
    assertEquals(1, guess.nearest(), 1e-6);
    assertEquals(0, guess.of("c"));
  }

  @Test
  void softmaxLearnsClassesAndWhatIsRareHasNoName() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 60; i++) {
      examples.add(new Example(unit(i % 2 == 0 ? 0 : Math.PI), i % 2 == 0 ? "yes" : "no"));
    }
    assertEquals(
        "yes", Student.of(examples, Kind.SOFTMAX, Strategy.MARGIN).guess(unit(.1)).answer());
    assertEquals("no", Student.of(examples, Kind.SOFTMAX, Strategy.MARGIN).guess(unit(3)).answer());
    for (int i = 0; i < 70; i++) {
      examples.add(new Example(unit(Math.PI / 2), "rare " + i));
    }
    Guess rare = Student.of(examples, Kind.SOFTMAX, Strategy.MARGIN).guess(unit(Math.PI / 2));
    assertEquals(64, rare.beliefs().size());
    assertTrue(rare.beliefs().values().stream().mapToDouble(p -> p).sum() < .99);
  }

  @Test
  void untilThereAreAnswersEverythingIsTheStrongMembers() {
    NeuralCache cache = NeuralCache.of(settings(Strategy.MARGIN, Kind.NEIGHBOURS, .1, 3));
    for (int i = 0; i < 3; i++) {
      Advice advice = cache.advise(unit(1), .999, SHARE);
      assertTrue(advice.ask() && advice.answer().isEmpty());
      cache = cache.fold(List.of(answered(1, "a")));
    }
    Advice advice = cache.advise(unit(1), .999, SHARE);
    assertFalse(advice.ask());
    assertEquals(Optional.of("a"), advice.answer());
    assertEquals(1, advice.belief(), 1e-9);
    assertEquals(3, cache.totals().asked());
  }

  /** What is asked counts for the next student, not for the one that there is. */
  @Test
  void anotherStudentIsLearnedAfterSoManyQuestions() {
    NeuralCache cache =
        NeuralCache.of(settings(Strategy.MARGIN, Kind.NEIGHBOURS, .5, 1))
            .fold(List.of(answered(0, "a"), answered(2, "b")));
    assertEquals(Optional.of("a"), cache.advise(unit(2), .9, SHARE).answer());
    for (int step = 2; step < 9; step++) {
      cache = cache.fold(List.of(Observation.of(.5, false, 0, Optional.empty())));
      assertEquals(Optional.of("a"), cache.advise(unit(2), .9, SHARE).answer());
    }
    cache = cache.fold(List.of(Observation.of(.5, false, 0, Optional.empty())));
    assertEquals(Optional.of("b"), cache.advise(unit(2), .9, SHARE).answer());
    assertEquals(10, cache.totals().steps());
    assertEquals(2, cache.totals().asked());
  }

  @Test
  void onlyTheLatestAnswersAreLearnedFrom() {
    var settings = new Settings(Strategy.CORESET, Kind.NEIGHBOURS, .5, 1, 1, 2);
    NeuralCache cache =
        NeuralCache.of(settings)
            .fold(List.of(answered(0, "a"), answered(1.5, "b"), answered(3, "c")));
    assertEquals(Optional.of("b"), cache.advise(unit(0), .9, SHARE).answer());
  }

  /** Needs 0.00 to 0.99: three tenths of them exceed .69. */
  @Test
  void theThresholdLeavesTheShare() {
    var observations = new ArrayList<Observation>();
    observations.add(answered(0, "a"));
    for (int i = 0; i < 100; i++) {
      observations.add(Observation.of(i * 37 % 100 / 100.0, false, 0, Optional.empty()));
    }
    NeuralCache cache =
        NeuralCache.of(settings(Strategy.RANDOM, Kind.NEIGHBOURS, .3, 1)).fold(observations);
    assertEquals(.69, cache.adviseAt(unit(0), .5, .3).threshold(), 1e-9);
    assertFalse(cache.adviseAt(unit(0), .69, .3).ask());
    assertTrue(cache.adviseAt(unit(0), .7, .3).ask());
    assertFalse(cache.adviseAt(unit(0), .999, 0).ask());
    assertFalse(cache.adviseAt(unit(0), .999, -1).ask());
    assertTrue(cache.adviseAt(unit(0), 0, 1).ask());
    assertTrue(cache.adviseAt(unit(0), 0, 2).ask());
  }

  /** One step of a stream of questions around the circle, whose answer is the quarter. */
  private static Observation step(NeuralCache cache, double share, Random random) {
    double angle = 2 * Math.PI * random.nextDouble();
    Advice advice = cache.advise(unit(angle), random.nextDouble(), share);
    return Observation.of(
        advice.need(),
        advice.ask(),
        share,
        advice.ask()
            ? Optional.of(new Example(unit(angle), "quarter " + (int) (2 * angle / Math.PI)))
            : Optional.empty());
  }

  @Test
  void theShareIsKeptByEveryStrategy() {
    for (Strategy strategy : Strategy.values()) {
      for (double share : new double[] {.1, .3, .8}) {
        NeuralCache cache = NeuralCache.of(settings(strategy, Kind.NEIGHBOURS, share, 20));
        var random = new Random(1);
        for (int i = 0; i < 600; i++) {
          cache = cache.fold(List.of(step(cache, share, random)));
        }
        assertEquals(share, cache.totals().asked() / 600.0, .04, strategy + " " + share);
      }
    }
  }

  /** A rebuild gives the same bits, however observations are handed over. */
  @Test
  void foldsDependOnTheObservationsAlone() {
    for (Kind kind : Kind.values()) {
      for (Strategy strategy : Strategy.values()) {
        Settings settings = new Settings(strategy, kind, .4, 5, 7, 25);
        NeuralCache one = NeuralCache.of(settings);
        var random = new Random(2);
        var all = new ArrayList<Observation>();
        for (int i = 0; i < 60; i++) {
          Observation observation = step(one, .4, random);
          all.add(observation);
          one = one.fold(List.of(observation));
        }
        NeuralCache parts = NeuralCache.of(settings);
        for (int from = 0; from < all.size(); ) {
          int to = Math.min(all.size(), from + random.nextInt(20));
          parts = parts.fold(all.subList(from, to));
          from = to;
        }
        for (int i = 0; i < 20; i++) {
          double angle = 7 * random.nextDouble();
          double draw = random.nextDouble();
          assertEquals(one.advise(unit(angle), draw, .4), parts.advise(unit(angle), draw, .4));
        }
        assertEquals(one.totals().steps(), parts.totals().steps());
        assertEquals(one.totals().asked(), parts.totals().asked());
      }
    }
  }

  @Test
  void whatIsUnlikeTheOthersIsAskedFor() {
    var observations = new ArrayList<Observation>();
    for (int i = 0; i < 8; i++) {
      observations.add(answered(i % 2, i % 2 == 0 ? "a" : "b"));
    }
    for (int i = 0; i < 40; i++) {
      observations.add(Observation.of(i / 1000.0, false, 0, Optional.empty()));
    }
    for (Strategy strategy : List.of(Strategy.MARGIN, Strategy.ENTROPY, Strategy.COMMITTEE)) {
      NeuralCache cache =
          NeuralCache.of(settings(strategy, Kind.NEIGHBOURS, .5, 8)).fold(observations);
      // Half-way between a and b; beside a.
      assertTrue(
          cache.advise(unit(.5), .5, SHARE).need() > cache.advise(unit(-.3), .5, SHARE).need() + .3,
          strategy::toString);
    }
    NeuralCache cache =
        NeuralCache.of(settings(Strategy.CORESET, Kind.NEIGHBOURS, .5, 8)).fold(observations);
    assertTrue(
        cache.advise(unit(2.5), .5, SHARE).need() > cache.advise(unit(.5), .5, SHARE).need() + .3);
  }

  /** Whoever was asked was paid, also where there is nothing to learn from what he said. */
  @Test
  void whatCannotBeLearnedFromCountsAsAsked() {
    for (Strategy strategy : Strategy.values()) {
      NeuralCache cache =
          NeuralCache.of(settings(strategy, Kind.NEIGHBOURS, .3, 3))
              .fold(List.of(answered(0, "a"), answered(1, "b"), answered(2, "c")));
      var random = new Random(3);
      for (int i = 0; i < 600; i++) {
        Observation its = step(cache, .3, random);
        cache =
            cache.fold(
                List.of(new Observation(its.need(), its.asked(), its.share(), Optional.empty())));
      }
      assertEquals(.3, cache.totals().asked() / 600.0, .04, strategy.name());
      assertEquals(3, cache.examples());
    }
  }

  /** What was asked for by another share is neither owed nor to be saved. */
  @Test
  void anotherShareCountsFromThenOn() {
    for (Strategy strategy : Strategy.values()) {
      NeuralCache cache = NeuralCache.of(settings(strategy, Kind.NEIGHBOURS, .5, 5));
      var random = new Random(4);
      for (double share : new double[] {.5, .05, .8}) {
        for (int i = 0; i < 100; i++) {
          cache = cache.fold(List.of(step(cache, share, random)));
        }
        long before = cache.totals().asked();
        for (int i = 0; i < 500; i++) {
          cache = cache.fold(List.of(step(cache, share, random)));
        }
        assertEquals(share, (cache.totals().asked() - before) / 500.0, .05, strategy + " " + share);
      }
    }
  }

  /** One student and its embeddings once, but for those that are compared with the question's. */
  @Test
  void noMoreIsInMemoryThanIsLookedAt() {
    var observations = new ArrayList<Observation>();
    for (int i = 0; i < 50; i++) {
      observations.add(answered(i, "a" + i % 3));
    }
    assertEquals(50, rows(Strategy.MARGIN, Kind.SOFTMAX, observations));
    assertEquals(50, rows(Strategy.COMMITTEE, Kind.SOFTMAX, observations));
    assertEquals(100, rows(Strategy.CORESET, Kind.SOFTMAX, observations));
    assertEquals(100, rows(Strategy.MARGIN, Kind.NEIGHBOURS, observations));
    assertEquals(50 + 20 + 30 + 40 + 50, rows(Strategy.COMMITTEE, Kind.NEIGHBOURS, observations));
  }

  private static int rows(Strategy strategy, Kind kind, List<Observation> observations) {
    return NeuralCache.of(settings(strategy, kind, .5, 5)).fold(observations).rows();
  }
}
