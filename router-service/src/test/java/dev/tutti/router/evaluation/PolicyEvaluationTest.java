package dev.tutti.router.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.measure.OffPolicy.Refused;
import dev.tutti.numerics.measure.OffPolicy.Supported;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** A world of two kinds of queries: a answers the one, b the other; b costs more. */
class PolicyEvaluationTest {

  private static final float[][] KINDS = {{1, 0}, {0, 1}};

  /** Probability of a right answer, by kind. */
  private static final Map<String, double[]> RIGHT =
      Map.of("a", new double[] {0.9, 0.2}, "b", new double[] {0.3, 0.8});

  private static final Map<String, Double> USD = Map.of("a", 0.01, "b", 0.05);
  private static final Map<String, Double> LOGGING = Map.of("a", 0.7, "b", 0.3);
  private static final Policy RIGHT_ONE =
      Policy.router(
          (query, pool, random) ->
              query.embedding()[0] == 1
                  ? new Route(List.of(new Route.Choice("a", 1, 1), new Route.Choice("b", 0, 0)), "")
                  : new Route(
                      List.of(new Route.Choice("b", 1, 1), new Route.Choice("a", 0, 0)), ""));

  private static List<LoggedChoice> log(int size, long seed) {
    var random = new SplittableRandom(seed);
    var log = new ArrayList<LoggedChoice>();
    for (int i = 0; i < size; i++) {
      int kind = random.nextInt(2);
      String member = random.nextDouble() < LOGGING.get("a") ? "a" : "b";
      boolean right = random.nextDouble() < RIGHT.get(member)[kind];
      log.add(
          new LoggedChoice(
              member,
              right ? 1 : 0,
              USD.get(member),
              LOGGING,
              new Pool(List.of(new Pool.Member("a", 1, 0.01, 0), new Pool.Member("b", 1, 0.05, 0))),
              Query.logged(KINDS[kind], new float[0]),
              i % 2 == 0
                  ? Optional.of(new LoggedChoice.Shadow("art", 2, Map.of("a", 0.0, "b", 1.0)))
                  : Optional.empty()));
    }
    return log;
  }

  private static Supported supported(PolicyEvaluation evaluation) {
    return assertInstanceOf(Supported.class, evaluation.target());
  }

  @Test
  void everyPolicysTruthIsWithinItsInterval() {
    List<LoggedChoice> log = log(4_000, 7);
    // The mean over both kinds, less twice what it costs.
    assertHolds((0.9 + 0.2) / 2 - 2 * 0.01, log, Policy.weights(Map.of("a", 5.0)));
    assertHolds((0.3 + 0.8) / 2 - 2 * 0.05, log, Policy.weights(Map.of("b", 1.0)));
    assertHolds((1.1 + 1.1) / 4 - 2 * 0.03, log, Policy.uniform());
    assertHolds((0.9 + 0.8) / 2 - 2 * 0.03, log, RIGHT_ONE);
  }

  /** Less twice what it costs a earns .53, b .45; c was never asked. */
  @Test
  void theBestSingleMemberStandsBesideThePolicy() {
    PolicyEvaluation evaluation = PolicyEvaluation.of(log(4_000, 7), RIGHT_ONE, 2);
    PolicyEvaluation.Single single = evaluation.single().orElseThrow();
    assertEquals("a", single.member());
    assertEquals(0.53, single.answer().snips().mean(), 0.03);
    assertEquals(Optional.empty(), PolicyEvaluation.of(log(20, 7), RIGHT_ONE, 2).single());
  }

  private static void assertHolds(double truth, List<LoggedChoice> log, Policy policy) {
    PolicyEvaluation evaluation = PolicyEvaluation.of(log, policy, 2);
    Supported answer = supported(evaluation);
    for (var interval : List.of(answer.ips(), answer.snips(), answer.dr().orElseThrow())) {
      assertTrue(interval.low() < truth && truth < interval.high(), interval + " lacks " + truth);
    }
    double logged = 0.7 * 0.55 + 0.3 * 0.55 - 2 * (0.7 * 0.01 + 0.3 * 0.05);
    assertEquals(logged, ((Supported) evaluation.logged()).ips().mean(), 0.03);
    assertTrue(answer.gain().low() < truth - logged && truth - logged < answer.gain().high());
  }

  /** It knows the kinds: what is left of the noise is that of the answers. */
  @Test
  void theDoublyRobustIntervalIsTheNarrowest() {
    Supported answer = supported(PolicyEvaluation.of(log(4_000, 3), RIGHT_ONE, 0));
    double dr = answer.dr().orElseThrow().high() - answer.dr().orElseThrow().low();
    assertTrue(dr < 0.9 * (answer.ips().high() - answer.ips().low()), "width " + dr);
  }

  @Test
  void aShadowIsHeldToTheDecisionsThatItSaw() {
    List<LoggedChoice> log = log(1_000, 5);
    PolicyEvaluation seen = PolicyEvaluation.of(log, Policy.shadow("art", 2), 0);
    assertEquals(500, seen.decisions());
    assertEquals(500, seen.unknown());
    assertEquals(0.55, supported(seen).snips().mean(), 0.15);
    assertInstanceOf(Refused.class, PolicyEvaluation.of(log, Policy.shadow("art", 1), 0).target());
  }

  @Test
  void anEvaluationIsGivenUpWhenItsThreadIsInterrupted() {
    List<LoggedChoice> log = log(100, 1);
    Thread.currentThread().interrupt();
    assertThrows(CancellationException.class, () -> PolicyEvaluation.of(log, Policy.uniform(), 0));
    assertTrue(Thread.interrupted());
  }

  @Test
  void whatTheLogNeverTriedIsRefused() {
    var refused =
        assertInstanceOf(
            Refused.class,
            PolicyEvaluation.of(log(500, 1), Policy.weights(Map.of("c", 1.0)), 0).target());
    assertTrue(refused.reason().contains("100.0 %"), refused.reason());
    assertThrows(IllegalArgumentException.class, () -> Policy.weights(Map.of("a", 0.0)));
    assertThrows(IllegalArgumentException.class, () -> Policy.weights(Map.of("a", -1.0)));
    assertInstanceOf(Refused.class, PolicyEvaluation.of(List.of(), Policy.uniform(), 0).target());
  }

  private static LoggedChoice choice(String member, double quality, float... embedding) {
    return new LoggedChoice(
        member,
        quality,
        USD.get(member),
        LOGGING,
        new Pool(
            List.of(
                new Pool.Member("c", 1, 0.5, 0),
                new Pool.Member("a", 1, 0.01, 0),
                new Pool.Member("b", 1, 0.05, 0))),
        Query.logged(embedding, new float[0]),
        Optional.empty());
  }

  /** All answers are worth a half, so that nothing but the cost tells them apart. */
  @Test
  void costIsTakenOff() {
    var log = new ArrayList<LoggedChoice>();
    for (int i = 0; i < 100; i++) {
      log.add(choice(i % 4 == 0 ? "b" : "a", 0.5));
    }
    PolicyEvaluation evaluation =
        PolicyEvaluation.of(log, Policy.weights(Map.of("a", 1.0, "b", 3.0)), 10);
    // A quarter of 0.1 and three quarters of 0.5 less; the log itself three quarters of 0.1.
    assertEquals(0.5 - 0.4, supported(evaluation).dr().orElseThrow().mean(), 1e-9);
    assertEquals(
        0.5 - 0.2, assertInstanceOf(Supported.class, evaluation.logged()).ips().mean(), 1e-9);
    // 25 of weight 2.5 and 75 of weight 2.5 / 7.
    // b alone was asked too seldom to tell.
    assertEquals("a", evaluation.single().orElseThrow().member());
    assertEquals(0.4, evaluation.single().orElseThrow().answer().snips().mean(), 1e-9);
    double ips = (25 * 2.5 * 0 + 75 * 2.5 / 7 * 0.4) / 100;
    assertEquals(ips, supported(evaluation).ips().mean(), 1e-9);
  }

  @Test
  void oneDecisionIsNoLog() {
    var one = PolicyEvaluation.of(List.of(choice("a", 1)), Policy.logging(), 0);
    assertEquals(1, one.decisions());
    assertTrue(((Refused) one.target()).reason().contains("There are 1 rated"), "" + one);
    var two = PolicyEvaluation.of(List.of(choice("a", 1), choice("b", 1)), Policy.logging(), 0);
    assertTrue(((Refused) two.target()).reason().contains("The 2 decisions are worth"), "" + two);
    assertThrows(
        IllegalArgumentException.class, () -> RewardEstimates.of(List.of(choice("a", 1)), 1));
  }

  @Test
  void policiesByHand() {
    LoggedChoice decision = choice("a", 1);
    assertEquals(LOGGING, Policy.logging().probabilities(decision).orElseThrow());
    double third = 1 / 3.0;
    assertEquals(
        Map.of("a", third, "b", third, "c", third),
        Policy.uniform().probabilities(decision).orElseThrow());
    assertEquals(
        Map.of("a", 0.25, "b", 0.75),
        Policy.weights(Map.of("a", 1.0, "b", 3.0, "c", 0.0, "d", 9.0))
            .probabilities(decision)
            .orElseThrow());
    assertEquals(
        Map.of("d", 1.0), Policy.weights(Map.of("d", 9.0)).probabilities(decision).orElseThrow());
    assertEquals(Optional.empty(), RIGHT_ONE.probabilities(decision), "it was not embedded");
    assertEquals(
        Map.of("a", 0.0, "b", 1.0), RIGHT_ONE.probabilities(choice("a", 1, 0, 1)).orElseThrow());
    assertThrows(
        IllegalArgumentException.class,
        () -> Policy.weights(Map.of("a", Double.POSITIVE_INFINITY)));
  }

  /** Ten decisions in five folds: each is told by the eight that are not of its own. */
  @Test
  void whatIsSaidOfADecisionWasNotLearnedFromIt() {
    for (float[] embedding : new float[][] {{}, {1, 0}}) {
      var log = new ArrayList<LoggedChoice>();
      for (int i = 0; i < 10; i++) {
        log.add(choice("a", i == 3 ? 1 : 0, embedding));
      }
      RewardEstimates estimates = RewardEstimates.of(log, 5);
      assertEquals(0, estimates.quality(3, "a"), 1e-9);
      int told = 0;
      for (int i = 0; i < 10; i++) {
        double quality = estimates.quality(i, "a");
        assertTrue(quality == 0 || Math.abs(quality - 1 / 8.0) < 1e-6, "" + quality);
        told += quality > 0 ? 1 : 0;
        // In the pool but never asked; in no pool.
        assertEquals(0.5, estimates.quality(i, "c"), 1e-9);
        assertEquals(0.5, estimates.quality(i, "nobody"), 1e-9);
      }
      assertEquals(8, told, "all but itself and the other one of its fold");
    }
  }

  @Test
  void likeQueriesTellMoreWhereAllAreEmbedded() {
    var log = new ArrayList<LoggedChoice>();
    for (int i = 0; i < 40; i++) {
      log.add(choice("a", i % 2 == 0 ? 1 : 0, KINDS[i % 2]));
    }
    RewardEstimates embedded = RewardEstimates.of(log, 1);
    for (int i = 0; i < 40; i++) {
      // About 16 of its kind and ten times the mean, which is about a half.
      assertEquals(i % 2 == 0 ? 21 / 26.0 : 5 / 26.0, embedded.quality(i, "a"), 0.05);
    }
    log.set(0, choice("a", 1));
    RewardEstimates alike = RewardEstimates.of(log, 1);
    for (int i = 0; i < 40; i++) {
      assertEquals(0.5, alike.quality(i, "a"), 0.13);
    }
  }

  @Test
  void estimatesAreGivenUpWhenTheirThreadIsInterrupted() {
    List<LoggedChoice> log = log(20, 1);
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> RewardEstimates.of(log, 1));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
