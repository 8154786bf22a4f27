package dev.tutti.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.Sampling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every token-level ensemble. */
public abstract class TokenEnsembleContract {

  protected static final List<String> PIECES = List.of("a", "b", "c", "ab", " ");
  private static final Sampling TEN = sampling(0);

  /** The method, with settings that fit any number of members. */
  protected abstract TokenEnsemble method();

  private static Sampling sampling(double temperature) {
    return new Sampling(
        temperature, 1, OptionalInt.empty(), List.of(), OptionalInt.of(10), false, 0);
  }

  /** A model with arbitrary but fixed probabilities. */
  protected static ScriptedModel arbitrary(String name, long seed) {
    return new ScriptedModel(
        name,
        PIECES,
        1_000,
        tokens -> {
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
        });
  }

  protected static TokenMember member(ScriptedModel model, double weight) {
    return new TokenMember(model.name(), weight, model.tokenizer());
  }

  protected static JointSession open(TokenEnsemble method, List<ScriptedModel> models) {
    return method
        .plan(models.stream().map(model -> member(model, 1)).toList())
        .open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static Answer answer(
      DecodeSession session, Vocabulary vocabulary, Sampling sampling, long seed) {
    return new AnswerWriter(session, vocabulary, sampling, new Random(seed))
        .write((text, tokens) -> {});
  }

  private Answer together(List<ScriptedModel> models, Sampling sampling, long seed) {
    TokenPlan plan = method().plan(models.stream().map(model -> member(model, 1)).toList());
    try (JointSession session =
        plan.open(models.stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL)) {
      return answer(session, session.vocabulary(), sampling, seed);
    }
  }

  private static Answer alone(ScriptedModel model) {
    try (DecodeSession session = model.prompted()) {
      return answer(session, model.tokenizer(), TEN, 0);
    }
  }

  @Test
  void oneMemberIsItself() {
    for (long seed = 0; seed < 50; seed++) {
      Answer alone = alone(arbitrary("m", seed));
      Answer together = together(List.of(arbitrary("m", seed)), TEN, 0);
      assertEquals(alone.text(), together.text());
      assertEquals(alone.finish(), together.finish());
      assertEquals(alone.tokens(), together.tokens());
      assertEquals(alone.signals().sumLogprob(), together.signals().sumLogprob(), 1e-9);
      assertEquals(alone.signals().maxEntropy(), together.signals().maxEntropy(), 1e-9);
    }
  }

  @Test
  void equalMembersAreTheSingleOne() {
    for (long seed = 0; seed < 50; seed++) {
      long s = seed;
      List<ScriptedModel> equals =
          IntStream.range(0, 3).mapToObj(i -> arbitrary("m" + i, s)).toList();
      assertEquals(alone(arbitrary("m", seed)).text(), together(equals, TEN, 0).text());
    }
  }

  @Test
  void theOrderOfTheMembersChangesNothing() {
    for (long seed = 0; seed < 50; seed++) {
      var models = new ArrayList<ScriptedModel>();
      for (int m = 0; m < 4; m++) {
        models.add(arbitrary("m" + m, seed * 4 + m));
      }
      Answer forward = together(models, TEN, 0);
      Collections.shuffle(models, new Random(seed));
      Answer shuffled = together(models, TEN, 0);
      assertEquals(forward.text(), shuffled.text());
      assertEquals(forward.signals(), shuffled.signals());
    }
  }

  @Test
  void weightsSumToOne() {
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < 50; trial++) {
      var members = new ArrayList<TokenMember>();
      for (int m = 0; m <= trial % 7; m++) {
        members.add(member(arbitrary("m" + m, m), 0.01 + 1e3 * random.nextDouble()));
      }
      List<Double> weights = method().plan(members).weights();
      assertEquals(1, weights.stream().mapToDouble(w -> w).sum(), 1e-12);
      assertTrue(weights.stream().allMatch(w -> w >= 0));
    }
  }

  @Test
  void onlyPiecesOfTheMembersAreWritten() {
    for (long seed = 0; seed < 50; seed++) {
      String text =
          together(List.of(arbitrary("x", seed), arbitrary("y", -seed)), sampling(2), seed).text();
      assertTrue(text.matches("[abc ]*"), text);
    }
  }

  @Test
  void theSameSeedGivesTheSameAnswer() {
    List<ScriptedModel> models = List.of(arbitrary("x", 5), arbitrary("y", 6));
    assertEquals(
        together(models, sampling(1), 99).text(), together(models, sampling(1), 99).text());
    long different =
        IntStream.range(0, 20)
            .mapToObj(seed -> together(models, sampling(1), seed).text())
            .distinct()
            .count();
    assertTrue(different > 5, different + " different answers");
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
    try (JointSession session = open(method(), List.of(bad, good))) {
      session.next();
      assertTrue(session.activity(0).failure().orElseThrow().contains("NaN"));
      assertEquals(0, session.activity(0).tokensWritten());
    }
    assertEquals(alone(good).text(), together(List.of(bad, good), TEN, 0).text());
    assertThrows(DecodeException.class, () -> together(List.of(bad), TEN, 0));
  }

  @Test
  void anEmptyPoolIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> method().plan(List.of()));
  }

  @Test
  void aRewoundAnswerGoesOnAsBefore() {
    List<ScriptedModel> models = List.of(arbitrary("x", 1), arbitrary("y", 2));
    try (JointSession session = open(method(), models)) {
      double[] first = session.next().probabilities().clone();
      session.append(0, 1, 2);
      double[] fourth = session.next().probabilities().clone();
      try (JointSession fork = session.fork()) {
        session.rewind(0);
        assertArrayEquals(first, session.next().probabilities(), 1e-15);
        assertArrayEquals(fourth, fork.next().probabilities(), 1e-15);
        session.append(0, 1, 2);
        assertArrayEquals(fourth, session.next().probabilities(), 1e-15);
      }
    }
    assertEquals(0, models.getFirst().openSessions.get());
  }

  @Test
  void theShortestContextEndsTheAnswer() {
    var small = new ScriptedModel("small", List.of("a"), 4, tokens -> new double[] {1, 0});
    ScriptedModel large = ScriptedModel.constant("large", List.of("a"), 1, 0);
    Answer answer = together(List.of(large, small), TEN, 0);
    assertEquals("aaa", answer.text());
    assertEquals(Answer.Finish.LENGTH, answer.finish());
  }
}
