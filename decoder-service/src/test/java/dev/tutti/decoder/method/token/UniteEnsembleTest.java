package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPlan;
import dev.tutti.decoder.TopPlan;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.sampling.Adjustments;
import dev.tutti.decoder.sampling.Answer;
import dev.tutti.decoder.sampling.AnswerWriter;
import dev.tutti.decoder.sampling.NothingLeftException;
import dev.tutti.decoder.sampling.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UniteEnsembleTest extends JointEnsembleContract {

  @Override
  protected JointEnsemble method() {
    return new UniteEnsemble(UniteEnsemble.Settings.DEFAULTS);
  }

  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    return new UniteEnsemble(
        new UniteEnsemble.Settings(1 + random.nextInt(8), random.nextDouble() * 10));
  }

  private static TokenPlan plan(int k, double[] weights, ScriptedModel... models) {
    var members = new ArrayList<TokenMember>();
    for (int m = 0; m < models.length; m++) {
      members.add(member(models[m], weights[m]));
    }
    return new UniteEnsemble(new UniteEnsemble.Settings(k, 1)).plan(members);
  }

  private static FusedSession open(int k, ScriptedModel... models) {
    return plan(k, IntStream.range(0, models.length).mapToDouble(m -> 1).toArray(), models)
        .open(List.of(models).stream().map(ScriptedModel::asked).toList(), StepRunner.SEQUENTIAL);
  }

  private static List<String> pieces(Vocabulary shared) {
    return IntStream.range(0, shared.size())
        .mapToObj(t -> new String(shared.bytes(t), StandardCharsets.UTF_8))
        .toList();
  }

  /**
   * By hand, k = 1, one vocabulary {x, y, z, end}: tops are x (.6 of one) and y (.5 of two), so U =
   * {x, y}. z is in neither top and falls out, though its mean is .25. Looked up outside the top:
   * one has y .1, two has x .25. softmax over U: one x 6/7, y 1/7; two x 1/3, y 2/3. Mean: x 25/42,
   * y 17/42.
   */
  @Test
  void onlyTheUnionCountsAndPiecesOutsideAMembersTopAreLookedUp() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y", "z"), .6, .1, .25, .05);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "y", "z"), .25, .5, .25, 0);
    try (FusedSession session = open(1, one, two)) {
      assertArrayEquals(new double[] {25 / 42., 17 / 42.}, session.next().probabilities(), 1e-12);
      assertEquals(List.of("x", "y"), pieces(session.vocabulary()));
      // Only 'one' has x in front.
      assertEquals(.5, session.agreement(), 1e-12);
      assertEquals(1, session.fusedSteps());
    }
  }

  /**
   * By hand, k = 1, words {hel, lo, hello, end} and letters {h, e, l, o, end}: U = {h, hello}.
   * words has no h; it is in no piece of it, so it has probability 0: hello 1. letters has no hello
   * and cuts it into h e l l o, so h (.8) is shared: .4 each, softmax 1/2 each. Mean: h 1/4, hello
   * 3/4. hello is appended as one token and as five.
   */
  @Test
  void aPieceThatAMemberLacksHasTheProbabilityOfItsFirstToken() {
    ScriptedModel words =
        ScriptedModel.constant("words", List.of("hel", "lo", "hello"), .2, 0, .7, .1);
    ScriptedModel letters =
        ScriptedModel.constant("letters", List.of("h", "e", "l", "o"), .8, .05, .05, .05, .05);
    try (FusedSession session = open(1, words, letters)) {
      assertArrayEquals(new double[] {.25, .75}, session.next().probabilities(), 1e-12);
      assertEquals(List.of("h", "hello"), pieces(session.vocabulary()));
      session.append(1);
      session.next();
      assertEquals(2, words.tokensRead.get());
      assertEquals(6, letters.tokensRead.get());
      // The prompt; of letters four more, the fifth it wrote itself.
      assertEquals(1, session.activity(0).tokensRead());
      assertEquals(5, session.activity(1).tokensRead());
      assertEquals(2, session.activity(1).tokensWritten());
    }
  }

  /**
   * By hand, k = 2: words list hello .6 and help .3, letters h .9 and end .1. U = h, hello, help,
   * end. Of letters h stands for three, .3 each, end .1: softmax .3 .3 .3 .1. Of words h is 0:
   * hello .6, help .3, end .05, sum .95. Counted thrice, h would have had .9 each.
   */
  @Test
  void piecesThatBeginByOneTokenShareItsProbability() {
    ScriptedModel words =
        ScriptedModel.constant("words", List.of("hello", "help", "x"), .6, .3, .05, .05);
    ScriptedModel letters =
        ScriptedModel.constant("letters", List.of("h", "e", "l", "o", "p"), .9, 0, 0, 0, 0, .1);
    try (FusedSession session = open(2, words, letters)) {
      assertArrayEquals(
          new double[] {
            .15, .15 + .5 * .6 / .95, .15 + .5 * .3 / .95, .05 + .5 * .05 / .95,
          },
          session.next().probabilities(),
          1e-12);
      assertEquals(List.of("h", "hello", "help", ""), pieces(session.vocabulary()));
      assertTrue(session.vocabulary().isEnd(3));
      assertThrows(IllegalArgumentException.class, () -> session.append(3));
    }
  }

  /** Weights 3 and 1 are .75 and .25: x .75 * .2/.9 + .25 * .9, y .75 * .7/.9 + .25 * .1. */
  @Test
  void weightsAreTakenOverTheirSum() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y"), .2, .7, .1);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "y"), .9, .1, 0);
    TokenPlan plan = plan(1, new double[] {3, 1}, one, two);
    try (FusedSession session =
        plan.open(List.of(one.asked(), two.asked()), StepRunner.SEQUENTIAL)) {
      assertArrayEquals(
          new double[] {.75 * 2 / 9 + .25 * .9, .75 * 7 / 9 + .25 * .1},
          session.next().probabilities(),
          1e-12);
    }
  }

  /** The bytes of é are two tokens of one member and a piece of the other, which waits. */
  @Test
  void aMemberWaitsForTheOtherHalfOfACharacter() {
    ScriptedModel bytes =
        ScriptedModel.steps(
            "bytes",
            List.of("<0xC3>", "<0xA9>"),
            new double[] {1, 0, 0},
            new double[] {0, 1, 0},
            new double[] {0, 0, 1});
    ScriptedModel letters = ScriptedModel.constant("letters", List.of("é", "a"), .6, .4, 0);
    TokenPlan plan = plan(1, new double[] {3, 1}, bytes, letters);
    try (FusedSession session =
        plan.open(List.of(bytes.asked(), letters.asked()), StepRunner.SEQUENTIAL)) {
      // U = C3 and é, which 'bytes' writes C3 A9: half each of its 1, é all of the other's.
      assertArrayEquals(new double[] {.375, .625}, session.next().probabilities(), 1e-12);
      session.append(0);
      assertArrayEquals(new double[] {1}, session.next().probabilities(), 1e-12);
      session.append(0);
      session.next();
      assertEquals(2, session.fusedSteps());
      assertEquals(3, session.activity(0).tokensWritten());
      assertEquals(2, session.activity(1).tokensWritten());
      assertEquals(2, letters.tokensRead.get());
    }
  }

  @Test
  void theDefaultsAreThoseOfThePaper() {
    assertEquals(new UniteEnsemble.Settings(10, 1), UniteEnsemble.Settings.DEFAULTS);
    TokenPlan plan = plan(10, new double[] {2}, ScriptedModel.constant("m", List.of("x"), .5, .5));
    assertEquals(0, plan.temperature());
    assertEquals(1, ((TopPlan) plan).unlisted());
    assertEquals(10, ((TopPlan) plan).k());
  }

  /**
   * By hand: greek lists α, latin b. Neither can write the other's piece, so each is sure of its
   * own, by its weight: 1/4 and 3/4.
   */
  @Test
  void aPieceThatAMemberCannotWriteHasNothingOfIt() {
    ScriptedModel greek = ScriptedModel.constant("greek", List.of("α", "γ"), .5, .3, .2);
    ScriptedModel latin = ScriptedModel.constant("latin", List.of("b", "c"), .4, .3, .3);
    TokenPlan plan = plan(1, new double[] {1, 3}, greek, latin);
    try (FusedSession session =
        plan.open(List.of(greek.asked(), latin.asked()), StepRunner.SEQUENTIAL)) {
      assertArrayEquals(new double[] {.75, .25}, session.next().probabilities(), 1e-15);
      assertEquals(List.of("b", "α"), pieces(session.vocabulary()));
      assertEquals(.75, session.agreement(), 1e-15);
    }
  }

  private static Answer without(List<String> banned, FusedSession session) {
    var bans = new HashMap<String, Double>();
    banned.forEach(text -> bans.put(text, -100.0));
    Sampling sampling =
        new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(1), false, 0)
            .with(new Adjustments(0, 0, Map.of(), bans));
    return new AnswerWriter(session, session.vocabulary(), sampling, new Random(0))
        .write((text, tokens) -> {});
  }

  /**
   * By hand, k = 1: one lists x, two y. Both are banned, so all is listed: without x and y there
   * are z with (.25 + .1) / 2, the end with (.05 + .1) / 2. The step is counted once.
   */
  @Test
  void whereAllThatAStepListsIsBannedItListsMore() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("x", "y", "z"), .6, .1, .25, .05);
    ScriptedModel two = ScriptedModel.constant("two", List.of("x", "y", "z"), .3, .5, .1, .1);
    try (FusedSession session = open(1, one, two)) {
      Answer answer = without(List.of("x", "y"), session);
      assertEquals("z", answer.text());
      assertEquals(List.of("x", "y", "z", ""), pieces(session.vocabulary()));
      assertArrayEquals(new double[] {.45, .3, .175, .075}, session.next().probabilities(), 1e-12);
      assertEquals(1, session.steps());
      assertEquals(1, session.fusedSteps());
      assertEquals(.5, session.agreement(), 1e-12);
      for (int m = 0; m < 2; m++) {
        assertEquals(1, session.activity(m).tokensWritten());
        assertEquals(1, session.activity(m).tokensRead());
      }
      assertEquals(2, one.passes.get() + two.passes.get());
      session.append(2);
      assertEquals(2, session.next().size());
      assertEquals(List.of("x", "y"), pieces(session.vocabulary()), "no more than k");
    }
  }

  /** Of twenty pieces, by halves, the first nineteen are banned: three rounds of listing. */
  @Test
  void itListsMoreUntilSomethingIsLeft() {
    List<String> letters = IntStream.range(0, 20).mapToObj(i -> "" + (char) ('a' + i)).toList();
    double[] p = IntStream.range(0, 21).mapToDouble(i -> Math.scalb(1., -i - 1)).toArray();
    p[20] = p[19] / 2;
    p[19] *= 1.5;
    ScriptedModel model = ScriptedModel.constant("m", letters, p);
    try (FusedSession session = open(1, model)) {
      assertEquals("t", without(letters.subList(0, 19), session).text());
      assertEquals(21, session.vocabulary().size());
    }
    try (FusedSession session = open(1, model)) {
      assertEquals("h", without(letters.subList(0, 7), session).text());
      assertEquals(8, session.vocabulary().size());
    }
  }

  /** The end comes where all text is banned; where it has no probability there is nothing. */
  @Test
  void whereAllTextIsBannedTheEndComesIfItCan() {
    List<String> all = List.of("x", "y");
    ScriptedModel ending = ScriptedModel.constant("ending", all, .6, .3, .1);
    ScriptedModel endless = ScriptedModel.constant("endless", all, .6, .4, 0);
    for (ScriptedModel[] models :
        List.of(new ScriptedModel[] {ending}, new ScriptedModel[] {endless, ending})) {
      try (FusedSession session = open(1, models)) {
        Answer answer = without(all, session);
        assertEquals("", answer.text());
        assertEquals(Answer.Finish.STOP, answer.finish());
      }
    }
    try (FusedSession session = open(1, endless)) {
      assertThrows(NothingLeftException.class, () -> without(all, session));
    }
  }
}
