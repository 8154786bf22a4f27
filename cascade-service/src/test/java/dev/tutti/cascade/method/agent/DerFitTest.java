package dev.tutti.cascade.method.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.agent.DerFit.Settings;
import dev.tutti.cascade.method.agent.RecordedSteps.Given;
import dev.tutti.cascade.method.agent.RecordedSteps.Taken;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.FeedForward.Activation;
import dev.tutti.numerics.network.ProximalPolicy.Advantage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class DerFitTest {

  private static final DerFit FIT = new DerFit();

  private static Settings settings(
      Worth worth, List<Double> alpha, double beta, double gamma, int steps, double budget) {
    Settings its = Settings.DEFAULTS;
    return new Settings(
        worth,
        .5,
        alpha,
        beta,
        gamma,
        steps,
        1,
        Advantage.REWARD,
        .95,
        .2,
        6,
        32,
        8,
        8,
        1e-2,
        8,
        its.entropy(),
        0,
        true,
        2,
        budget,
        its.transfer(),
        its.maxTokens(),
        "");
  }

  /** All that answers bring of themselves, and the same of each. */
  private static final AnswerSignals SIGNALS =
      new AnswerSignals(
          OptionalDouble.of(-1),
          OptionalDouble.of(-1),
          OptionalDouble.of(-1),
          OptionalDouble.empty(),
          OptionalDouble.empty());

  private static Optional<Recorded> says(String text, double score, double usd, float... vector) {
    return Optional.of(
        new Recorded(
            text,
            SIGNALS,
            score,
            usd,
            List.of(),
            Optional.empty(),
            vector.length == 0 ? Optional.empty() : Optional.of(vector)));
  }

  private static Row row(int number, List<Optional<Recorded>> outcomes, float... question) {
    return new Row(
        number,
        "",
        new Query("q" + number),
        Optional.of(question),
        Optional.of("the reference"),
        outcomes);
  }

  /**
   * Questions of two kinds; of each kind one of the cheap members is right nine times in ten, which
   * can be seen from its answer; the dear one is always right. Costs 1, 1 and 10.
   */
  private static RecordedOutcomes drawn(int size, long seed) {
    var random = new SplittableRandom(seed);
    var rows = new ArrayList<Row>();
    for (int i = 0; i < size; i++) {
      int kind = random.nextInt(2);
      var outcomes = new ArrayList<Optional<Recorded>>();
      for (int m = 0; m < 2; m++) {
        boolean right = m == kind && random.nextInt(10) > 0;
        outcomes.add(
            says(m + " says " + right, right ? 1 : 0, 1, right ? 1 : -1, m == 0 ? .1f : -.1f));
      }
      outcomes.add(says("dear", 1, 10, 1, 0));
      rows.add(row(i, outcomes, kind == 0 ? 1 : -1, (float) random.nextGaussian() / 10));
    }
    return new RecordedOutcomes(List.of("a", "b", "dear"), rows);
  }

  private static final RecordedOutcomes LEARNED = drawn(400, 1);
  private static final RecordedOutcomes HELD = drawn(200, 2);

  private static List<MemberCard> cards(RecordedOutcomes data) {
    var cards = new ArrayList<MemberCard>();
    for (int m = 0; m < data.members().size(); m++) {
      cards.add(MemberCard.of(data.members().get(m), 1).costing(data.usd(m)));
    }
    return cards;
  }

  private static Given runs(CascadeMethod method, RecordedOutcomes data) {
    double score = 0;
    double usd = 0;
    for (Row row : data.rows()) {
      RecordedRun run = RecordedRun.of(method, cards(data), row);
      score += run.score() / data.rows().size();
      usd += run.usd() / data.rows().size();
    }
    return new Given(score, usd);
  }

  private static Given chosen(DerAgents agents, Settings settings) {
    return runs(FIT.points(agents, settings, cards(HELD)).getLast(), HELD);
  }

  @Test
  void itLearnsWhomToAskAndWhenToAskAgain() {
    Settings settings = settings(Worth.SCORE, List.of(.1), 5, 2, 3, 0);
    DerAgents agents = FIT.fit(LEARNED, settings, new SplittableRandom(1));
    Given given = runs(new Der(new Der.Settings("", 0, "", 1), agents, 0, .5f), HELD);
    // Right at first nine times in ten, for 1; one of ten goes on.
    assertTrue(given.score() > .95, given::toString);
    assertTrue(given.usd() < 3.5, given::toString);
    // With beta above 0 a wrong answer first and a right one then return more than a right one.
    Settings plain = settings(Worth.SCORE, List.of(.1), 0, 2, 3, 0);
    float[] returns = FIT.fit(LEARNED, plain, new SplittableRandom(1)).returns().row(0);
    assertTrue(returns[5] > returns[0] + .2, returns[0] + " to " + returns[5]);
  }

  @Test
  void costOfNoWeightGivesTheBestAndOfAllWeightTheCheapest() {
    Settings free = settings(Worth.SCORE, List.of(0.0), 5, 2, 3, 0);
    assertTrue(chosen(FIT.fit(LEARNED, free, new SplittableRandom(1)), free).score() > .97);
    Settings dear = settings(Worth.SCORE, List.of(1e6), 5, 2, 3, 0);
    DerAgents agents = FIT.fit(LEARNED, dear, new SplittableRandom(1));
    assertEquals(1, runs(new Der(new Der.Settings("", 0, "", 1), agents, 0, 0), HELD).usd(), 1e-9);
  }

  @Test
  void everyEpochIsTold() {
    Settings settings = settings(Worth.SCORE, List.of(.1, .2), 5, 2, 2, 0);
    var told = new ArrayList<String>();
    FIT.fit(
        drawn(40, 5),
        settings,
        new SplittableRandom(9),
        (done, total, message) -> told.add(done + " of " + total + ": " + message));
    assertEquals(13, told.size());
    assertTrue(
        told.getFirst().startsWith("1 of 12: train: the agent of alpha 0.1, epoch 1 of 6: mean"),
        told::getFirst);
    assertEquals("12 of 12: train: the terminator", told.getLast());
  }

  @Test
  void theBudgetIsKeptWhereAnythingKeepsIt() {
    for (double budget : new double[] {1, 1.3, 2, 10, 30}) {
      Settings settings = settings(Worth.SCORE, List.of(0.0, .02), 5, 2, 3, budget);
      DerAgents agents = FIT.fit(LEARNED, settings, new SplittableRandom(3));
      TunedPoints.Point point = agents.points().points().get(agents.points().chosen());
      assertTrue(point.usd() <= budget + 1e-6, point.usd() + " of " + budget);
    }
    Settings settings = settings(Worth.SCORE, List.of(0.0), 5, 2, 3, .1);
    DerAgents agents = FIT.fit(LEARNED, settings, new SplittableRandom(3));
    assertEquals(0, agents.points().chosen(), "the cheapest where nothing is within it");
  }

  /** What points were chosen by is what the policy does; few questions are not parted. */
  @Test
  void pointsAreWhatThePolicyDoes() {
    for (long seed = 0; seed < 10; seed++) {
      var random = new SplittableRandom(seed);
      var rows = new ArrayList<Row>();
      for (int i = 0; i < 9; i++) {
        var outcomes = new ArrayList<Optional<Recorded>>();
        for (int m = 0; m < 4; m++) {
          float x = (float) random.nextGaussian();
          outcomes.add(
              switch (random.nextInt(5)) {
                case 0 -> Optional.empty();
                case 1 -> says("", 0, random.nextDouble());
                default -> says("t" + random.nextInt(), random.nextInt(2), 1 + m, x, 1 - x);
              });
        }
        rows.add(row(i, outcomes, (float) random.nextGaussian(), 1));
      }
      var data = new RecordedOutcomes(List.of("a", "b", "c", "d"), rows);
      Settings settings = settings(Worth.SCORE, List.of(0.0, .3), 5, 2, 1 + (int) seed % 4, 0);
      DerAgents agents = FIT.fit(data, settings, random);
      List<CascadeMethod> methods = FIT.points(agents, settings, cards(data));
      for (int i = 0; i < agents.points().points().size(); i++) {
        TunedPoints.Point point = agents.points().points().get(i);
        Given given = runs(methods.get(i), data);
        assertEquals(point.quality(), given.score(), 1e-6, seed + " score of " + i);
        assertEquals(point.usd(), given.usd(), 1e-6, seed + " cost of " + i);
      }
    }
  }

  @Test
  void theSameSeedLearnsTheSameAndReadsBack() {
    Settings settings = settings(Worth.SCORE, List.of(.1), 5, 2, 2, 0);
    RecordedOutcomes few = drawn(40, 5);
    DerAgents one = FIT.fit(few, settings, new SplittableRandom(9));
    DerAgents two = FIT.read(FIT.parameters(FIT.fit(few, settings, new SplittableRandom(9))));
    assertEquals(one.sees(), two.sees());
    float[] vector = {.3f, .4f};
    assertArrayEquals(
        one.questions().along(vector).orElseThrow(), two.questions().along(vector).orElseThrow());
    assertArrayEquals(
        one.answers().along(vector).orElseThrow(), two.answers().along(vector).orElseThrow());
    double[] state = one.sees().of(Optional.of(new float[] {1, 0}), Optional.empty(), 0, -1);
    assertArrayEquals(one.scores(0, state), two.scores(0, state));
    assertEquals(one.points().points().size(), two.points().points().size());
    assertArrayEquals(one.returns().values(), two.returns().values());
  }

  private static RecordedSteps steps(Worth worth, double beta, double gamma, int steps) {
    var data =
        new RecordedOutcomes(
            List.of("a", "b", "c"),
            List.of(
                row(
                    0,
                    List.of(
                        says("reference", .25, 2, 0, 1),
                        says("The Reference", .75, 4, 1, 0),
                        Optional.empty()),
                    1,
                    0),
                row(
                    1,
                    List.of(says("x", 0, 4), says("the reference", 1, 4), says("y", 1, 3)),
                    1,
                    0)));
    var axes = new EmbeddingAxes(new Matrix(1, 2), new Matrix(2, 2));
    return new RecordedSteps(
        data,
        settings(worth, List.of(.1), beta, gamma, steps, 0),
        new AgentState(2, steps, 3, false),
        axes,
        axes);
  }

  private static double reward(RecordedSteps its, int row, int step, int member, int last) {
    Optional<Said> before =
        last < 0 ? Optional.empty() : its.answers().said(row, last, Optional.empty());
    Said said = its.answers().said(row, member, Optional.empty()).orElseThrow();
    return its.reward(step, said, before, .1);
  }

  /** alpha .1, p0 .5, cost scale 1; equations 3 and 4 in all their cases. */
  @Test
  void rewardsByHand() {
    RecordedSteps its = steps(Worth.SCORE, 5, 2, 3);
    // P - alpha C; not good enough, not the end: neither bonus nor price.
    assertEquals(.25 - .2, reward(its, 0, 0, 0, -1), 1e-12);
    // Good enough: gamma more.
    assertEquals(.75 - .4 + 2, reward(its, 0, 0, 1, -1), 1e-12);
    // A second one: 5 (.75 - .25) for being better.
    assertEquals(.75 + 2.5 - .4 + 2, reward(its, 0, 1, 1, 0), 1e-12);
    // The same again is no better, and the end of it without a good one costs gamma.
    assertEquals(.25 - .2, reward(its, 0, 1, 0, 0), 1e-12);
    assertEquals(.25 - .2 - 2, reward(its, 0, 2, 0, 0), 1e-12);
    // One that failed has P = 0 and costs what the member's answers cost: 3.
    assertEquals(-5 * .25 - .3, reward(its, 0, 1, 2, 0), 1e-12);
    assertEquals(1.0 * 6 + 2 + .1 * 4, its.answers().size(.1), 1e-12);
  }

  @Test
  void qualityMayBeHeldAgainstTheReference() {
    assertEquals(-.4, reward(steps(Worth.EXACT, 0, 0, 3), 0, 0, 1, -1), 1e-12);
    assertEquals(1 - .4, reward(steps(Worth.EXACT, 0, 0, 3), 1, 0, 1, -1), 1e-12);
    // One word of one, one of two: 2 / 3 by F1 and by ROUGE-L.
    assertEquals(2 / 3.0 - .2, reward(steps(Worth.TOKEN_F1, 0, 0, 3), 0, 0, 0, -1), 1e-12);
    assertEquals(2 / 3.0 - .2, reward(steps(Worth.ROUGE_L, 0, 0, 3), 0, 0, 0, -1), 1e-12);
    assertEquals(1 - .4, reward(steps(Worth.TOKEN_F1, 0, 0, 3), 0, 0, 1, -1), 1e-12);
    var silent =
        new RecordedOutcomes(
            List.of("a"),
            List.of(
                new Row(
                    0,
                    "",
                    new Query("q"),
                    Optional.of(new float[] {1}),
                    List.of(says("x", 1, 1, 1)))));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            FIT.fit(
                silent, settings(Worth.EXACT, List.of(.1), 5, 2, 2, 0), new SplittableRandom(1)));
  }

  /** Of three steps, at 1 USD each, with probabilities .2 and .6. */
  @Test
  void whatIsGivenByHand() {
    RecordedSteps its = steps(Worth.SCORE, 5, 2, 3);
    var route = List.of(new Taken(0, .2, 1, .1), new Taken(1, .6, 1, .2), new Taken(2, .1, 1, .3));
    assertEquals(new Given(.1, 1), its.given(route, 0));
    assertEquals(new Given(.1, 1), its.given(route, .2));
    assertEquals(new Given(.2, 2), its.given(route, .5));
    assertEquals(new Given(.3, 3), its.given(route, .7));
    var none = Double.NaN;
    // The last one failed: the latest that says something stands.
    var failing =
        List.of(new Taken(0, .2, 1, .1), new Taken(1, none, 1, .2), new Taken(2, none, 0, none));
    assertEquals(new Given(.1, 2), its.given(failing, .7));
  }

  @Test
  void whatThereIsNothingToLearnFromIsRefused() {
    Settings settings = settings(Worth.SCORE, List.of(.1), 5, 2, 2, 0);
    var mute = new RecordedOutcomes(List.of("a"), List.of(row(0, List.of(says("", 1, 1)), 1, 0)));
    assertEquals(
        "No answer has a text; der looks at both the question and the answer.",
        assertThrows(
                IllegalArgumentException.class,
                () -> FIT.fit(mute, settings, new SplittableRandom(1)))
            .getMessage());
    Settings none = settings(Worth.SCORE, List.of(), 5, 2, 2, 0);
    assertEquals(
        "alpha is empty; at least one weight of cost is needed.",
        assertThrows(
                IllegalArgumentException.class,
                () -> FIT.fit(LEARNED, none, new SplittableRandom(1)))
            .getMessage());
  }

  /** All that it learned from brought some. */
  @Test
  void anAnswerWithoutLogProbabilitiesIsJudgedByItsText() {
    Settings settings = settings(Worth.SCORE, List.of(.1), 5, 2, 2, 0);
    DerAgents agents = FIT.fit(LEARNED, settings, new SplittableRandom(1));
    Optional<float[]> question = agents.questions().along(new float[] {1, 0});
    for (AnswerSignals its : List.of(SIGNALS, AnswerSignals.NONE)) {
      float[] good = agents.answers().along(new float[] {1, .1f}).orElseThrow();
      float[] bad = agents.answers().along(new float[] {-1, .1f}).orElseThrow();
      assertTrue(agents.probability(question, good, 0, its) > .9, its::toString);
      assertTrue(agents.probability(question, bad, 0, its) < .1, its::toString);
    }
  }

  @Test
  void logProbabilitiesThatNoAnswerBringsAreRefused() {
    var rows =
        List.of(
            row(
                0,
                List.of(
                    Optional.of(
                        new Recorded(
                            "x",
                            AnswerSignals.NONE,
                            1,
                            1,
                            List.of(),
                            Optional.empty(),
                            Optional.of(new float[] {1})))),
                1));
    Settings settings = settings(Worth.SCORE, List.of(.1), 5, 2, 2, 0);
    assertEquals(
        "No answer was recorded with log-probabilities; signals needs some, or false.",
        refused(new RecordedOutcomes(List.of("a"), rows), settings));
  }

  private static String refused(RecordedOutcomes data, Settings settings) {
    return assertThrows(
            IllegalArgumentException.class, () -> FIT.fit(data, settings, new SplittableRandom(1)))
        .getMessage();
  }

  @Test
  void whatMemoryHasNoRoomForIsRefused() {
    Settings many = settings(Worth.SCORE, Collections.nCopies(33, .1), 5, 2, 2, 0);
    assertEquals(
        "alpha has 33 weights, an agent each; at most 32 are trained.", refused(LEARNED, many));
    Settings its = settings(Worth.SCORE, Collections.nCopies(32, .1), 5, 2, 2, 0);
    // A buffer of 32 episodes of 16 steps, and layers of 8 units.
    AgentFit.requireRoom(new AgentState(4_096, 16, 100, false), its);
    // 2 x 16,376 + 16 + 1 = 32,769 numbers of a state.
    assertEquals(
        "A buffer of 32 episodes of 16 steps that see 32769 numbers each keeps 16777728 numbers; at"
            + " most 16777216 are kept. Choose a lower buffer, or fewer steps or axes.",
        assertThrows(
                IllegalArgumentException.class,
                () -> AgentFit.requireRoom(new AgentState(16_376, 16, 1, false), its))
            .getMessage());
    // Of one step: 2 x 65,536 + 1 + 1.
    assertEquals(
        "A layer of 8 units that see 131074 numbers each has 1048592 weights; at most 1048576 are"
            + " learned. Choose fewer units or axes.",
        assertThrows(
                IllegalArgumentException.class,
                () -> AgentFit.requireRoom(new AgentState(65_536, 1, 1, false), its))
            .getMessage());
  }

  @Test
  void aFitThatIsGivenUpEnds() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () ->
              FIT.fit(
                  LEARNED,
                  settings(Worth.SCORE, List.of(.1), 5, 2, 2, 0),
                  new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aSilentTerminatorSaysOneHalf() {
    var silent = FeedForward.drawn(Activation.TANH, new SplittableRandom(1), 3, 1, 1).silent();
    assertEquals(.5, new Terminator(silent, silent).probability(new float[3], true));
  }
}
