package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.decoder.bytes.ByteSymbols;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Adjustments;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import dev.tutti.decoder.sampling.TokenPicker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every ensemble during inference, whatever its settings. */
public abstract class JointEnsembleContract {

  private static final int DRAWS = 50;

  protected static final List<String> PIECES = List.of("a", "b", "c", "ab", " ");
  private static final Sampling TEN = sampling(0);

  /**
   * The method with settings under which one member's distribution stays as it is, and every member
   * takes part in every step; they fit any number of members.
   */
  protected abstract JointEnsemble method();

  /**
   * The method with settings drawn at random.
   *
   * @param order for each member of the recipe its number, 0 to n - 1: settings that name a member
   *     name it by its number, wherever it stands
   */
  protected abstract JointEnsemble method(SplittableRandom random, List<Integer> order);

  private JointEnsemble drawn(long seed, int members) {
    return method(new SplittableRandom(seed), IntStream.range(0, members).boxed().toList());
  }

  private static Sampling sampling(double temperature) {
    return new Sampling(
        temperature, 1, OptionalInt.empty(), List.of(), OptionalInt.of(10), false, 0);
  }

  /** A model with arbitrary but fixed probabilities. */
  protected static ScriptedModel arbitrary(String name, long seed) {
    var model = new ScriptedModel(name, PIECES, 1_000, tokens -> arbitrary(seed, tokens));
    model.hidden = tokens -> state(seed, tokens);
    return model;
  }

  /** As wide as a scripted model's output embeddings; begins with 1. */
  private static float[] state(long seed, List<Integer> tokens) {
    var random = new SplittableRandom(seed * 37 + tokens.hashCode());
    var state = new float[8];
    for (int i = 0; i < state.length; i++) {
      state[i] = (float) random.nextGaussian();
    }
    state[0] = 1;
    return state;
  }

  private static double[] arbitrary(long seed, List<Integer> tokens) {
    var random = new SplittableRandom(seed * 31 + tokens.hashCode());
    double[] p = new double[PIECES.size() + 1];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.pow(random.nextDouble(), 4) * (i == p.length - 1 ? 0.2 : 1);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  protected static TokenMember member(ScriptedModel model, double weight) {
    return TokenMember.of(model, weight);
  }

  protected static JointSession open(JointEnsemble method, List<ScriptedModel> models) {
    return method
        .plan(models.stream().map(model -> member(model, 1)).toList())
        .open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static Answer answer(
      AnswerSource session, Vocabulary vocabulary, Sampling sampling, long seed) {
    return new AnswerWriter(session, vocabulary, sampling, new Random(seed))
        .write((text, tokens) -> {});
  }

  private static Answer together(
      JointEnsemble method, List<ScriptedModel> models, Sampling sampling, long seed) {
    try (JointSession session = open(method, models)) {
      return answer(session, session.vocabulary(), sampling, seed);
    }
  }

  private Answer alone(ScriptedModel model) {
    ScriptedModel itself = byItself(model);
    try (DecodeSession session = itself.prompted()) {
      return answer(session, itself.tokenizer(), TEN, 0);
    }
  }

  /** What a member is where it writes alone: another model only where the method says so. */
  protected ScriptedModel byItself(ScriptedModel model) {
    return model;
  }

  @Test
  void oneMemberIsItself() {
    for (long seed = 0; seed < DRAWS; seed++) {
      Answer alone = alone(arbitrary("m", seed));
      Answer together = together(method(), List.of(arbitrary("m", seed)), TEN, 0);
      assertEquals(alone.text(), together.text());
      assertEquals(alone.finish(), together.finish());
      assertEquals(alone.tokens(), together.tokens());
      assertEquals(alone.signals().sumLogprob(), together.signals().sumLogprob(), 1e-9);
      assertEquals(alone.signals().maxEntropy(), together.signals().maxEntropy(), 1e-9);
    }
  }

  @Test
  void oneMemberWritesItsOwnTextUnderAnySettings() {
    for (long seed = 0; seed < DRAWS; seed++) {
      Answer alone = alone(arbitrary("m", seed));
      Answer together = together(drawn(seed, 1), List.of(arbitrary("m", seed)), TEN, 0);
      assertEquals(alone.text(), together.text());
      assertEquals(alone.finish(), together.finish());
      assertEquals(alone.tokens(), together.tokens());
    }
  }

  @Test
  void equalMembersAreTheSingleOne() {
    for (long seed = 0; seed < DRAWS; seed++) {
      long s = seed;
      List<ScriptedModel> equals =
          IntStream.range(0, 3).mapToObj(i -> arbitrary("m" + i, s)).toList();
      assertEquals(
          alone(arbitrary("m", seed)).text(), together(drawn(seed, 3), equals, TEN, 0).text());
    }
  }

  /** Whether it is the order of the recipe that says what each member is there for. */
  protected boolean hasPlaces() {
    return false;
  }

  /** Whether a bias may turn every token; else some are the most probable ones whatever it says. */
  protected boolean bendsToBiases() {
    return true;
  }

  @Test
  void theOrderOfTheMembersChangesNothing() {
    assumeTrue(!hasPlaces(), "Each place has its own part.");
    for (long seed = 0; seed < DRAWS; seed++) {
      var models = new ArrayList<ScriptedModel>();
      for (int m = 0; m < 4; m++) {
        models.add(arbitrary("m" + m, seed * 4 + m));
      }
      Answer forward = together(drawn(seed, 4), models, TEN, 0);
      var order = new ArrayList<>(List.of(0, 1, 2, 3));
      Collections.shuffle(order, new Random(seed));
      Answer shuffled =
          together(
              method(new SplittableRandom(seed), order),
              order.stream().map(models::get).toList(),
              TEN,
              0);
      assertEquals(forward.text(), shuffled.text());
      assertEquals(forward.signals(), shuffled.signals());
    }
  }

  @Test
  void weightsSumToOne() {
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < DRAWS; trial++) {
      var members = new ArrayList<TokenMember>();
      for (int m = 0; m <= trial % 7; m++) {
        members.add(member(arbitrary("m" + m, m), 0.01 + 1e3 * random.nextDouble()));
      }
      List<Double> weights = drawn(trial, members.size()).plan(members).weights();
      assertEquals(1, weights.stream().mapToDouble(w -> w).sum(), 1e-12);
      assertTrue(weights.stream().allMatch(w -> w >= 0));
    }
  }

  @Test
  void onlyPiecesOfTheMembersAreWritten() {
    for (long seed = 0; seed < DRAWS; seed++) {
      List<ScriptedModel> models = List.of(arbitrary("x", seed), arbitrary("y", -seed));
      String text = together(drawn(seed, 2), models, sampling(2), seed).text();
      assertTrue(text.matches("[abc ]*"), text);
    }
  }

  @Test
  void theSameSeedGivesTheSameAnswer() {
    List<ScriptedModel> models = List.of(arbitrary("x", 5), arbitrary("y", 6));
    for (long seed = 0; seed < DRAWS; seed++) {
      assertEquals(
          together(drawn(seed, 2), models, sampling(1), 99).text(),
          together(drawn(seed, 2), models, sampling(1), 99).text());
    }
    long different =
        IntStream.range(0, 20)
            .mapToObj(seed -> together(method(), models, sampling(1), seed).text())
            .distinct()
            .count();
    assertTrue(different > 5, different + " different answers");
  }

  private static Sampling adjusted(double temperature, Adjustments adjustments) {
    return sampling(temperature).with(adjustments);
  }

  private static Adjustments biases(Map<String, Double> texts) {
    return new Adjustments(0, 0, Map.of(), texts);
  }

  /** Where a step has few pieces, all of which are banned, others are looked for. */
  @Test
  void whatIsBannedNeverComes() {
    var bans = biases(Map.of("a", -100.0, "ab", -100.0, " ", -100.0));
    for (long seed = 0; seed < DRAWS; seed++) {
      List<ScriptedModel> models = List.of(arbitrary("x", seed), arbitrary("y", -seed));
      for (double temperature : new double[] {0, 1.5}) {
        String text = together(drawn(seed, 2), models, adjusted(temperature, bans), seed).text();
        assertTrue(text.matches("[bc]*"), text);
      }
    }
  }

  @Test
  void nothingButWhatIsForcedComes() {
    var force = biases(Map.of("c", 100.0));
    for (long seed = 0; seed < DRAWS; seed++) {
      List<ScriptedModel> models = List.of(arbitrary("x", seed), arbitrary("y", -seed));
      for (double temperature : new double[] {0, 1}) {
        Answer answer = together(method(), models, adjusted(temperature, force), seed);
        assertTrue(answer.text().matches("c+"), answer.text());
        assertEquals(Answer.Finish.LENGTH, answer.finish());
      }
    }
  }

  @Test
  void aBiasOfZeroIsNone() {
    var nothing = biases(Map.of("a", 0.0, "never said", 5.0));
    for (long seed = 0; seed < DRAWS; seed++) {
      List<ScriptedModel> models = List.of(arbitrary("x", seed), arbitrary("y", -seed));
      Answer plain = together(drawn(seed, 2), models, sampling(1), seed);
      Answer with = together(drawn(seed, 2), models, adjusted(1, nothing), seed);
      assertEquals(plain.text(), with.text());
      assertEquals(plain.signals(), with.signals());
    }
  }

  /**
   * Where the method leaves what members hold as it is, as biases act on what it makes of it. Bytes
   * are other pieces than the member's own, so theirs is another test.
   */
  @Test
  void equalMembersAreTheSingleOneUnderBiasesAndPenalties() {
    assumeTrue(bendsToBiases(), "It takes the most probable token.");
    var random = new SplittableRandom(11);
    for (long seed = 0; seed < DRAWS; seed++) {
      long s = seed;
      var sampling =
          adjusted(
              0,
              new Adjustments(
                  random.nextDouble(-2, 2),
                  random.nextDouble(-2, 2),
                  Map.of(),
                  Map.of("a", random.nextDouble(-3, 3), "ab", random.nextDouble(-3, 3))));
      ScriptedModel itself = byItself(arbitrary("m0", seed));
      List<ScriptedModel> equals =
          IntStream.range(0, 3).mapToObj(i -> arbitrary("m" + i, s)).toList();
      try (DecodeSession session = itself.prompted();
          JointSession together = open(method(), equals)) {
        assumeTrue(together.vocabulary() != ByteSymbols.ALL, "It writes bytes.");
        assertEquals(
            answer(session, itself.tokenizer(), sampling, 0).text(),
            answer(together, together.vocabulary(), sampling, 0).text());
      }
    }
  }

  @Test
  void underPenaltiesTheSameSeedGivesTheSameAnswer() {
    var penalties = new Adjustments(.7, -.4, Map.of(), Map.of("b", 1.0));
    List<ScriptedModel> models = List.of(arbitrary("x", 5), arbitrary("y", 6));
    for (long seed = 0; seed < DRAWS; seed++) {
      assertEquals(
          together(drawn(seed, 2), models, adjusted(1, penalties), 99).text(),
          together(drawn(seed, 2), models, adjusted(1, penalties), 99).text());
    }
  }

  @Test
  void aMemberWithNaNIsLeftOut() {
    ScriptedModel good = arbitrary("good", 3);
    var bad =
        new ScriptedModel(
            "bad",
            PIECES,
            1_000,
            tokens -> {
              double[] p = new double[PIECES.size() + 1];
              p[2] = Double.NaN;
              return p;
            });
    try (JointSession session = open(method(), List.of(good, bad))) {
      session.draw(new TokenPicker(TEN, new Random(0)), 1);
      assertTrue(session.activity(1).failure().orElseThrow().contains("NaN"));
      assertEquals(0, session.activity(1).tokensWritten());
    }
    for (long seed = 0; seed < DRAWS; seed++) {
      JointEnsemble drawn = drawn(seed, 2);
      assertEquals(alone(good).text(), together(drawn, List.of(good, bad), TEN, 0).text());
    }
    assertThrows(DecodeException.class, () -> together(method(), List.of(bad), TEN, 0));
  }

  /** Who computes, and who may be late, goes by that; also where somebody is left out. */
  @Test
  void whoeverReadsIsRunUnderItsIndexInTheRecipe() {
    for (long seed = 0; seed < DRAWS; seed++) {
      var running = new AtomicInteger(-1);
      long s = seed;
      List<ScriptedModel> models =
          IntStream.range(0, 3)
              .mapToObj(
                  m ->
                      new ScriptedModel(
                          "m" + m,
                          PIECES,
                          1_000,
                          tokens -> {
                            assertEquals(m, running.get());
                            if (m == 1 && tokens.size() > 3) {
                              throw new DecodeException("gone");
                            }
                            return arbitrary(3 * s + m, tokens);
                          }))
              .toList();
      JointPlan plan = drawn(seed, 3).plan(models.stream().map(model -> member(model, 1)).toList());
      try (JointSession session =
          plan.open(models.stream().map(ScriptedModel::asked).toList(), telling(running))) {
        answer(session, session.vocabulary(), TEN, 0);
      }
    }
  }

  private static StepRunner telling(AtomicInteger running) {
    return new StepRunner() {
      @Override
      public void run(int count, IntConsumer pass) {
        for (int i = 0; i < count; i++) {
          one(i, pass);
        }
      }

      @Override
      public void one(int index, IntConsumer pass) {
        running.set(index);
        pass.accept(index);
        running.set(-1);
      }
    };
  }

  @Test
  void anEmptyPoolIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> method().plan(List.of()));
  }

  @Test
  void aRewoundAnswerGoesOnAsBefore() {
    for (long seed = 0; seed < DRAWS; seed++) {
      List<ScriptedModel> models = List.of(arbitrary("x", 2 * seed), arbitrary("y", 2 * seed + 1));
      try (JointSession opened = open(drawn(seed, 2), models)) {
        assumeTrue(opened instanceof FusedSession, "It takes no step back.");
        var session = (FusedSession) opened;
        double[] first = session.next().probabilities().clone();
        int steps = write(session, 3);
        double[] last = session.next().probabilities().clone();
        try (FusedSession fork = session.fork()) {
          session.rewind(0);
          assertArrayEquals(first, session.next().probabilities(), 1e-15);
          assertArrayEquals(last, fork.next().probabilities(), 1e-15);
          assertEquals(steps, write(session, 3));
          assertArrayEquals(last, session.next().probabilities(), 1e-15);
        }
      }
      assertEquals(0, models.getFirst().openSessions.get());
    }
  }

  /** Appends the most probable token until that is the end; returns how many there were. */
  private static int write(FusedSession session, int most) {
    int written = 0;
    while (written < most && !session.vocabulary().isEnd(session.next().mostProbable())) {
      session.append(session.next().mostProbable());
      written++;
    }
    return written;
  }

  /** Members that write token by token go on without it, unless its part is its own. */
  @Test
  void theShortestContextEndsTheAnswerOfThoseWhoNeedIt() {
    var small = new ScriptedModel("small", List.of("a"), 4, tokens -> new double[] {1, 0});
    ScriptedModel large = ScriptedModel.constant("large", List.of("a"), 1, 0);
    Answer answer = together(method(), List.of(large, small), TEN, 0);
    JointPlan plan = method().plan(List.of(member(large, 1), member(small, 1)));
    boolean needed = !(plan instanceof TokenPlan tokens) || tokens.gate().needs(1);
    assertEquals("a".repeat(needed ? 3 : 10), answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
  }
}
