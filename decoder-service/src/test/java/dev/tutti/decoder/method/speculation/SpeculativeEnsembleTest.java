package dev.tutti.decoder.method.speculation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.AnswerSource.Drawn;
import dev.tutti.decoder.AnswerSource.Opinion;
import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.speculation.SpeculativeEnsemble.Settings;
import dev.tutti.decoder.method.speculation.SpeculativeEnsemble.Target;
import dev.tutti.decoder.sampling.Adjustments;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpeculativeEnsembleTest extends JointEnsembleContract {

  private static final List<String> AB = List.of("a", "b");

  @Override
  protected JointEnsemble method() {
    return new SpeculativeEnsemble(Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new SpeculativeEnsemble(settings(random, order));
  }

  private static Settings settings(SplittableRandom random, List<Integer> order) {
    var proposed = new ArrayList<Double>();
    order.forEach(_ -> proposed.add(1.0 + random.nextInt(5)));
    boolean contrast = order.size() == 2 && random.nextBoolean();
    return new Settings(
        contrast ? Target.CONTRASTIVE : Target.WEIGHTED,
        .9 * random.nextDouble(),
        order.indexOf(0),
        order.stream().map(proposed::get).toList());
  }

  private static Settings proposing(double... tokens) {
    return new Settings(Target.WEIGHTED, .1, 0, java.util.Arrays.stream(tokens).boxed().toList());
  }

  private static JointPlan plan(Settings settings, List<ScriptedModel> models) {
    return new SpeculativeEnsemble(settings)
        .plan(models.stream().map(model -> member(model, 1)).toList());
  }

  private static JointSession open(JointPlan plan, List<ScriptedModel> models) {
    return plan.open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  /** The step-by-step ensemble with the same target. */
  private static FusionPlan plain(JointPlan plan) {
    var speculative = (SpeculativePlan) plan;
    return new FusionPlan(
        speculative.members(),
        speculative.weights(),
        StepGate.EVERYONE,
        speculative.vocabulary(),
        speculative.target(),
        0);
  }

  private static Sampling sampling(double temperature, double topP, int tokens) {
    return new Sampling(
        temperature, topP, OptionalInt.empty(), List.of(), OptionalInt.of(tokens), false, 0);
  }

  private static Answer write(JointSession session, Sampling sampling, long seed) {
    return new AnswerWriter(session, session.vocabulary(), sampling, new Random(seed))
        .write((text, tokens) -> {});
  }

  /** Gives these numbers, one after the other. */
  private static RandomGenerator giving(double... numbers) {
    return new RandomGenerator() {
      private int next;

      @Override
      public long nextLong() {
        throw new UnsupportedOperationException();
      }

      @Override
      public double nextDouble() {
        return numbers[next++];
      }
    };
  }

  private static List<Integer> tokens(List<Drawn> drawn) {
    return drawn.stream().map(Drawn::token).toList();
  }

  // q = (.6, .4, 0), the other (.2, .7, .1), so r = (.4, .55, .05).
  private static List<ScriptedModel> golden() {
    return List.of(
        ScriptedModel.constant("q", AB, .6, .4, 0), ScriptedModel.constant("p", AB, .2, .7, .1));
  }

  private static List<Integer> second(double... numbers) {
    var models = golden();
    var picker = new TokenPicker(sampling(1, 1, 9), giving(numbers));
    try (JointSession session = open(plan(proposing(1), models), models)) {
      // The plain step: .3 < r(a).
      List<Drawn> first = session.draw(picker, 9);
      assertEquals(List.of(0), tokens(first));
      assertArrayEquals(
          new double[] {.4, .55, .05}, first.getFirst().distribution().probabilities(), 1e-12);
      session.append(0);
      return tokens(session.draw(picker, 8));
    }
  }

  @Test
  void aProposalStaysWithTheRatioOfTargetToProposal() {
    // a is proposed; r(a) / q(a) = .6667.
    assertEquals(List.of(0), second(.3, .59, .66));
    // b is proposed, of which r has more than q.
    assertEquals(List.of(1), second(.3, .61, .99));
  }

  @Test
  void whatTakesItsPlaceIsDrawnFromWhatTheTargetHasMore() {
    // norm(max(0, r - q)) = (0, .75, .25).
    assertEquals(List.of(1), second(.3, .59, .67, .74));
    assertEquals(List.of(2), second(.3, .59, .67, .76));
  }

  @Test
  void contrastTakesAShareOfTheAmateursLogits() {
    List<ScriptedModel> models =
        List.of(
            ScriptedModel.constant("amateur", AB, .25, .5, .25),
            ScriptedModel.constant("expert", AB, .5, .25, .25));
    var settings = new Settings(Target.CONTRASTIVE, .5, 1, List.of(1.0));
    try (JointSession session = open(plan(settings, models), models)) {
      // e / sqrt(a) = 1, .353553, .5; their sum is 1.853553.
      assertArrayEquals(
          new double[] {.539505, .190744, .269752},
          session
              .draw(new TokenPicker(Sampling.GREEDY, new Random(0)), 1)
              .getFirst()
              .distribution()
              .probabilities(),
          1e-6);
    }
  }

  @Test
  void whatAnAmateurHoldsForImpossibleIsNoInfinity() {
    List<ScriptedModel> models =
        List.of(
            ScriptedModel.constant("expert", AB, .5, .5, 0),
            ScriptedModel.constant("amateur", AB, 0, 1, 0));
    var settings = new Settings(Target.CONTRASTIVE, 1, 0, List.of(1.0));
    try (JointSession session = open(plan(settings, models), models)) {
      double[] r =
          session
              .draw(new TokenPicker(Sampling.GREEDY, new Random(0)), 1)
              .getFirst()
              .distribution()
              .probabilities();
      assertEquals(1, r[0], 1e-12);
      assertEquals(0, r[2], 0);
    }
  }

  /** Always a after b and b after a. */
  private static ScriptedModel turns(String name) {
    return new ScriptedModel(
        name,
        AB,
        100,
        tokens -> tokens.getLast() == 0 ? new double[] {0, 1, 0} : new double[] {1, 0, 0});
  }

  @Test
  void membersTakeTurnsSoThatATokenTakesOnePass() {
    List<ScriptedModel> models = List.of(turns("x"), turns("y"));
    try (JointSession session = open(plan(proposing(1), models), models)) {
      assertEquals("bababab" + "ab", write(session, sampling(0, 1, 9), 0).text());
      // Each reads the prompt; x the first token; then one of them each of the other eight.
      assertEquals(11, models.get(0).passes.get() + models.get(1).passes.get());
      assertEquals(
          Map.of("acceptance", 1.0, "turns", 9.0, "passes_x", 6.0, "passes_y", 5.0),
          session.measures());
    }
  }

  @Test
  void aFastMemberProposesMore() {
    List<ScriptedModel> models = List.of(turns("fast"), turns("slow"));
    try (JointSession session = open(plan(proposing(4, 1), models), models)) {
      var picker = new TokenPicker(Sampling.GREEDY, new Random(0));
      session.draw(picker, 99);
      session.append(1);
      assertEquals(List.of(0, 1, 0, 1), tokens(session.draw(picker, 98)));
      assertEquals(5, models.get(0).passes.get());
      assertEquals(2, models.get(1).passes.get());
      session.append(1);
      // What the slow one found behind them is the next proposal.
      assertEquals(List.of(0), tokens(session.draw(picker, 94)));
      assertEquals(6, models.get(0).passes.get());
      assertEquals(2, models.get(1).passes.get());
    }
  }

  @Test
  void ofThreeEachHasItsTurn() {
    List<ScriptedModel> models = List.of(turns("x"), turns("y"), turns("z"));
    try (JointSession session = open(plan(proposing(1), models), models)) {
      assertEquals("babababab", write(session, sampling(0, 1, 9), 0).text());
      // The prompt 3, the first token twice; then one pass a token.
      int passes = models.stream().mapToInt(model -> model.passes.get()).sum();
      assertEquals(3 + 2 + 8, passes);
    }
  }

  private record Trial(List<ScriptedModel> models, JointPlan plan, Sampling sampling) {}

  private static Trial trial(long seed) {
    var random = new SplittableRandom(seed);
    int count = 1 + random.nextInt(4);
    List<ScriptedModel> models =
        IntStream.range(0, count).mapToObj(m -> arbitrary("m" + m, seed * 7 + m)).toList();
    List<Integer> order = IntStream.range(0, count).boxed().toList();
    return new Trial(
        models, plan(settings(random, order), models), sampling(0, 1, 1 + random.nextInt(30)));
  }

  @Test
  void greedyItIsThePlainEnsemble() {
    for (long seed = 0; seed < 300; seed++) {
      Trial trial = trial(seed);
      try (JointSession plain = open(plain(trial.plan()), trial.models());
          JointSession speculative = open(trial.plan(), trial.models())) {
        Answer expected = write(plain, trial.sampling(), seed);
        Answer answer = write(speculative, trial.sampling(), seed);
        assertEquals(expected.text(), answer.text());
        assertEquals(expected.finish(), answer.finish());
        assertEquals(expected.signals(), answer.signals());
        assertEquals(plain.steps(), speculative.steps());
        assertEquals(plain.fusedSteps(), speculative.fusedSteps());
        assertEquals(plain.agreement(), speculative.agreement(), 1e-12);
        for (int m = 0; m < trial.models().size(); m++) {
          assertEquals(plain.activity(m), speculative.activity(m));
          assertEquals(plain.weight(m), speculative.weight(m));
        }
      }
      trial.models().forEach(model -> assertEquals(0, model.openSessions.get()));
    }
  }

  private static List<List<Opinion>> opinions(JointSession session, int tokens) {
    var sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(tokens), true, 0);
    var told = new ArrayList<List<Opinion>>();
    new AnswerWriter(session, session.vocabulary(), sampling, new Random(0))
        .write((text, traces) -> traces.forEach(trace -> told.add(trace.opinions())));
    return told;
  }

  @Test
  void eachTokenTellsWhatThePlainEnsembleWould() {
    int told = 0;
    for (long seed = 0; seed < 100; seed++) {
      Trial trial = trial(seed);
      try (JointSession plain = open(plain(trial.plan()), trial.models());
          JointSession speculative = open(trial.plan(), trial.models())) {
        List<List<Opinion>> opinions = opinions(speculative, 12);
        assertEquals(opinions(plain, 12), opinions);
        told += opinions.size();
        opinions.forEach(its -> assertEquals(trial.models().size(), its.size()));
      }
    }
    assertTrue(told > 200, told + " tokens");
  }

  @Test
  void anAnswerTwiceAsLongIsTwiceTheWork() {
    long once = work(2_000);
    long twice = work(4_000);
    assertTrue(twice <= 2.5 * once, twice + " of " + once);
  }

  /** They disagree at every seventh place. */
  private static long work(int tokens) {
    List<ScriptedModel> models =
        IntStream.of(3, 0)
            .mapToObj(
                disagrees ->
                    new ScriptedModel(
                        "m" + disagrees,
                        AB,
                        10_000,
                        its ->
                            its.size() % 7 == disagrees
                                ? new double[] {.2, .8, 0}
                                : new double[] {.8, .2, 0}))
            .toList();
    var its = (SpeculativePlan) plan(proposing(3), models);
    var counted = new CountedVocabulary(its.vocabulary(), new AtomicLong());
    var plan =
        new SpeculativePlan(its.members(), its.weights(), counted, its.target(), its.proposed());
    try (JointSession session = open(plan, models)) {
      assertEquals(tokens, write(session, sampling(0, 1, tokens), 0).tokens());
      assertTrue(session.measures().get("acceptance") < .95);
    }
    return counted.work().get();
  }

  @Test
  void noDrawTellsMoreThanIsWanted() {
    for (long seed = 0; seed < 100; seed++) {
      Trial trial = trial(seed);
      var random = new SplittableRandom(seed);
      var picker = new TokenPicker(sampling(1, 1, 1), new Random(seed));
      try (JointSession session = open(trial.plan(), trial.models())) {
        for (int step = 0; step < 20; step++) {
          int most = 1 + random.nextInt(4);
          var before = session.activityAfterStep(0).tokensWritten();
          List<Drawn> drawn = session.draw(picker, most);
          assertTrue(!drawn.isEmpty() && drawn.size() <= most, drawn.size() + " of " + most);
          assertTrue(session.activity(0).tokensWritten() <= before);
          if (session.vocabulary().isEnd(drawn.getLast().token())) {
            break;
          }
          session.append(drawn.getLast().token());
        }
      }
    }
  }

  @Test
  void theAnswerMayGoOnWithAnotherTokenThanWasDrawn() {
    for (long seed = 0; seed < 100; seed++) {
      Trial trial = trial(seed);
      var picker = new TokenPicker(Sampling.GREEDY, new Random(0));
      try (JointSession session = open(trial.plan(), trial.models());
          var plain =
              plain(trial.plan())
                  .open(
                      trial.models().stream().map(ScriptedModel::asked).toList(),
                      StepRunner.SEQUENTIAL)) {
        for (int step = 0; step < 12; step++) {
          List<Drawn> drawn = session.draw(picker, 5);
          for (Drawn each : drawn.subList(0, drawn.size() - 1)) {
            assertEquals(plain.next().mostProbable(), each.token());
            plain.append(each.token());
          }
          assertEquals(plain.next().mostProbable(), drawn.getLast().token());
          int other = (int) ((seed + step) % PIECES.size());
          session.append(other);
          plain.append(other);
          assertEquals(plain.remaining(), session.remaining());
        }
      }
    }
  }

  @Test
  void whereNothingFitsTheLastPlaceIsStillTold() {
    var small = new ScriptedModel("small", AB, 3, tokens -> new double[] {1, 0, 0});
    try (JointSession session = open(plan(proposing(3), List.of(small)), List.of(small))) {
      var picker = new TokenPicker(Sampling.GREEDY, new Random(0));
      session.draw(picker, 1);
      session.append(0);
      session.append(0);
      assertEquals(0, session.remaining());
      assertEquals(List.of(0), tokens(session.draw(picker, 9)));
      assertThrows(IllegalArgumentException.class, () -> session.append(1));
    }
  }

  @Test
  void aMemberThatFailsOnTheWayIsLeftOut() {
    var whole = turns("whole");
    var broken =
        new ScriptedModel(
            "broken",
            AB,
            100,
            tokens ->
                tokens.size() > 4 ? new double[] {Double.NaN, 0, 0} : new double[] {.4, .6, 0});
    for (List<ScriptedModel> models : List.of(List.of(whole, broken), List.of(broken, whole))) {
      try (JointSession session = open(plan(proposing(3), models), models)) {
        assertEquals("bababab", write(session, sampling(0, 1, 7), 0).text());
        int at = models.indexOf(broken);
        assertTrue(session.activity(at).failure().orElseThrow().contains("NaN"));
        assertEquals(7, session.activity(1 - at).tokensWritten());
        assertTrue(session.activity(at).tokensWritten() < 7);
        assertEquals(session.activity(at), session.activityAfterStep(at));
      }
    }
  }

  /**
   * Texts of up to three tokens against their probabilities by the plain ensemble: chi-square with
   * as many degrees of freedom as there are texts but one.
   */
  private static void assertDistributed(
      Settings settings, List<ScriptedModel> models, Sampling sampling) {
    JointPlan plan = plan(settings, models);
    Map<String, Double> expected = new HashMap<>();
    enumerate(plain(plan), models, sampling, new ArrayList<>(), 1, expected);
    int draws = 20_000;
    Map<String, Integer> seen = new HashMap<>();
    var random = new Random(7);
    for (int i = 0; i < draws; i++) {
      try (JointSession session = open(plan, models)) {
        Answer answer =
            new AnswerWriter(session, session.vocabulary(), sampling, random)
                .write((text, tokens) -> {});
        seen.merge(answer.text() + answer.finish(), 1, Integer::sum);
      }
    }
    assertTrue(expected.keySet().containsAll(seen.keySet()), seen + " of " + expected);
    double chi = 0;
    for (var each : expected.entrySet()) {
      double mean = draws * each.getValue();
      double off = seen.getOrDefault(each.getKey(), 0) - mean;
      chi += off * off / mean;
    }
    double freedom = expected.size() - 1;
    // Wilson and Hilferty's approximation of the 99.9 % quantile.
    double cube = 1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom));
    assertTrue(chi < freedom * cube * cube * cube, chi + " with " + freedom);
  }

  private static void enumerate(
      FusionPlan plan,
      List<ScriptedModel> models,
      Sampling sampling,
      List<Integer> text,
      double probability,
      Map<String, Double> expected) {
    try (var session =
        plan.open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL)) {
      var shown = new StringBuilder();
      for (int token : text) {
        session.append(token);
        shown.append(new String(session.vocabulary().bytes(token)));
      }
      if (text.size() == sampling.maxTokens().orElseThrow()) {
        expected.merge(shown + "LENGTH", probability, Double::sum);
        return;
      }
      Prefix prefix = Prefix.EMPTY;
      for (int token : text) {
        prefix = prefix.with(session.vocabulary().bytes(token));
      }
      double[] next =
          new TokenPicker(sampling, new Random(0))
              .behind(prefix, session.vocabulary())
              .shaped(session.next());
      for (int token = 0; token < next.length; token++) {
        if (next[token] == 0) {
          continue;
        }
        if (session.vocabulary().isEnd(token)) {
          expected.merge(shown + "STOP", probability * next[token], Double::sum);
        } else {
          var longer = new ArrayList<>(text);
          longer.add(token);
          enumerate(plan, models, sampling, longer, probability * next[token], expected);
        }
      }
    }
  }

  /** Probabilities that depend on the last token and the length, none of them tiny. */
  private static ScriptedModel mild(String name, long seed) {
    return new ScriptedModel(
        name,
        AB,
        100,
        tokens -> {
          var random = new SplittableRandom(seed + 31 * tokens.getLast() + 101 * tokens.size());
          double[] p = {
            .2 + random.nextDouble(), .2 + random.nextDouble(), .1 + .3 * random.nextDouble()
          };
          double sum = p[0] + p[1] + p[2];
          return new double[] {p[0] / sum, p[1] / sum, p[2] / sum};
        });
  }

  @Test
  void sampledItIsDistributedAsThePlainEnsemble() {
    List<ScriptedModel> two = List.of(mild("x", 1), mild("y", 2));
    assertDistributed(proposing(1), two, sampling(1, 1, 4));
    assertDistributed(proposing(3, 1), two, sampling(.7, 1, 4));
    assertDistributed(proposing(2), two, sampling(1.5, .8, 4));
    assertDistributed(
        new Settings(Target.CONTRASTIVE, .4, 1, List.of(2.0)), two, sampling(1, 1, 4));
    List<ScriptedModel> three = List.of(mild("x", 1), mild("y", 2), mild("z", 3));
    assertDistributed(proposing(2, 1, 3), three, sampling(1, 1, 4));
  }

  private static final Adjustments ADJUSTMENTS =
      new Adjustments(.8, -.5, Map.of(), Map.of("a", .6, "bb", -100.0, "aba", 2.0));

  @Test
  void underBiasesAndPenaltiesItIsDistributedAsThePlainEnsemble() {
    List<ScriptedModel> two = List.of(mild("x", 1), mild("y", 2));
    assertDistributed(proposing(3), two, sampling(1, 1, 4).with(ADJUSTMENTS));
    assertDistributed(proposing(2, 1), two, sampling(1.4, .8, 4).with(ADJUSTMENTS));
  }

  @Test
  void underBiasesAndPenaltiesItSaysWhatThePlainEnsembleDoes() {
    for (long seed = 0; seed < 200; seed++) {
      List<ScriptedModel> models = List.of(mild("x", seed), mild("y", -seed), mild("z", 3 * seed));
      JointPlan plan = plan(proposing(1 + seed % 4), models);
      Sampling sampling = sampling(0, 1, 20).with(ADJUSTMENTS);
      try (JointSession speculative = open(plan, models);
          JointSession plain =
              plain(plan)
                  .open(
                      models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL)) {
        Answer expected = write(plain, sampling, 0);
        Answer answer = write(speculative, sampling, 0);
        assertEquals(expected.text(), answer.text());
        assertEquals(expected.signals(), answer.signals());
        assertFalse(answer.text().contains("bb"), answer.text());
      }
    }
  }

  @Test
  void membersOfAnotherVocabularyAreRefused() {
    var one = ScriptedModel.constant("one", AB, 1, 0, 0);
    var other = ScriptedModel.constant("other", List.of("a", "c"), 1, 0, 0);
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> method().plan(List.of(member(one, 1), member(other, 1))));
    assertEquals(
        "'other' has another vocabulary than 'one'; speculative takes members of one vocabulary.",
        refused.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> method().plan(List.of(member(one, 1), TokenMember.behindEndpoint("far", 1))));
  }

  @Test
  void settingsThatDoNotFitTheMembersAreRefused() {
    assertRefused(
        proposing(1, 2), 3, "proposed has 2 numbers; with 3 members it must have 1 or 3.");
    assertRefused(proposing(1.5), 2, "proposed has 1.5; it must be whole numbers.");
    assertRefused(
        new Settings(Target.WEIGHTED, .1, 2, List.of(1.0)),
        2,
        "expert is 2; with 2 members it must be within 0..1.");
    assertRefused(
        new Settings(Target.CONTRASTIVE, .1, 0, List.of(1.0)),
        3,
        "target is contrastive, which takes 2 members; there are 3.");
    assertRefused(proposing(), 1, "proposed has 0 numbers; with 1 members it must have 1 or 1.");
  }

  private static void assertRefused(Settings settings, int members, String why) {
    assertEquals(
        why,
        assertThrows(IllegalArgumentException.class, () -> settings.requireFit(members))
            .getMessage());
  }
}
