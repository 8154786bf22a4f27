package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointEnsembleContract;
import dev.tutti.decoder.fixture.ScriptedModel;
import dev.tutti.decoder.method.token.ByteExactEnsemble.Mean;
import dev.tutti.decoder.method.token.ByteExactEnsemble.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ByteExactEnsembleTest extends JointEnsembleContract {

  /** Each is a byte, and in the order of the bytes. */
  private static final List<String> BYTES = List.of(" ", "a", "b", "c");

  @Override
  protected JointEnsemble method() {
    return new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 4, 0, 0, 0, 0, 0, 0));
  }

  /** Of these pieces there are two ways to write a text at most: none is dropped. */
  @Override
  protected JointEnsemble method(SplittableRandom random, List<Integer> order) {
    double eta = random.nextInt(3) * random.nextDouble();
    double learns = eta > 0 ? 1 : 0;
    double share = learns * random.nextDouble(.2);
    return new ByteExactEnsemble(
        new Settings(
            Mean.values()[random.nextInt(3)],
            random.nextInt(2, 8),
            0,
            eta,
            share,
            random.nextInt(2) * random.nextDouble(),
            share + learns * random.nextDouble(.05),
            random.nextInt(2) * random.nextDouble(1e-3, 3)));
  }

  /**
   * By bytes: behind a text that ends in "a", either its tokens end with it, or they will end in
   * "ab". All probabilities are those of the member's tokens, summed by hand.
   */
  @Override
  protected ScriptedModel byItself(ScriptedModel model) {
    return new ScriptedModel(
        model.name(),
        BYTES,
        1_000,
        tokens -> {
          String text = tokens.stream().skip(1).map(BYTES::get).collect(Collectors.joining());
          double[] p = {0, 0, 0, 0, 0};
          double whole = probability(model, text);
          double[] behind = behind(model, text);
          for (int piece = 0; piece < behind.length; piece++) {
            String spelt = piece < PIECES.size() ? PIECES.get(piece) : "";
            int symbol = spelt.isEmpty() ? BYTES.size() : BYTES.indexOf(spelt.substring(0, 1));
            p[symbol] += whole * behind[piece];
          }
          if (text.endsWith("a")) {
            String before = text.substring(0, text.length() - 1);
            p[BYTES.indexOf("b")] +=
                probability(model, before) * behind(model, before)[PIECES.indexOf("ab")];
          }
          double sum = Arrays.stream(p).sum();
          return Arrays.stream(p).map(each -> each / sum).toArray();
        });
  }

  private static double probability(ScriptedModel model, String text) {
    try (DecodeSession session = model.prompted()) {
      return Math.exp(Arrays.stream(session.score(model.tokenizer().encode(text))).sum());
    }
  }

  private static double[] behind(ScriptedModel model, String text) {
    try (DecodeSession session = model.prompted()) {
      session.append(model.tokenizer().encode(text));
      return session.next().probabilities().clone();
    }
  }

  private static double[] mixed(Mean mean) {
    var toy =
        new ScriptedModel(
            "toy",
            List.of("a", "b", "ab"),
            100,
            tokens ->
                tokens.size() == 1 ? new double[] {.2, .3, .4, .1} : new double[] {.5, 0, .3, .2});
    ScriptedModel other = ScriptedModel.constant("other", List.of("a", "b"), .5, .3, .2);
    var method = new ByteExactEnsemble(new Settings(mean, 4, 1e-3, 0, 0, 0, 0, 0));
    try (var session = (FusedSession) open(method, List.of(toy, other))) {
      session.next();
      session.append('a');
      double[] p = session.next().probabilities();
      return new double[] {p['a'], p['b'], p[256]};
    }
  }

  /** Card 8.1: behind "a" the toy has (.266667, .666667, .066667), the other (.5, .3, .2). */
  @Test
  void theMeansOfTheCard() {
    assertArrayEquals(new double[] {.383333, .483333, .133333}, mixed(Mean.ARITHMETIC), 1e-6);
    assertArrayEquals(new double[] {.393550, .481998, .124451}, mixed(Mean.GEOMETRIC), 1e-6);
    // sqrt: .516398 + .707107, .816497 + .547723, .258199 + .447214; squared over their sum.
    assertArrayEquals(new double[] {.388250, .482691, .129059}, mixed(Mean.ROOT), 1e-6);
  }

  /** The decision tells what each counted for at the end, and the worst share that was dropped. */
  @Test
  void tellsWeightsAndWhatWasDropped() {
    ScriptedModel one = ScriptedModel.constant("one", List.of("a", "b", "ab"), .2, .1, .6, .1);
    ScriptedModel two = ScriptedModel.constant("two", List.of("a", "b"), .4, .5, .1);
    var method = new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 1, 0, 1, 0, 0, 0, 0));
    try (var session = (FusedSession) open(method, List.of(one, two))) {
      session.next();
      session.append('a');
      session.next();
      // .8 and .4 of a; of .6 for "ab" and .2 for "a" the second is dropped.
      Map<String, Double> measures = session.measures();
      assertEquals(Set.of("weight_one", "weight_two", "dropped_share"), measures.keySet());
      assertEquals(2 / 3., measures.get("weight_one"), 1e-12);
      assertEquals(1 / 3., measures.get("weight_two"), 1e-12);
      assertEquals(.25, measures.get("dropped_share"), 1e-12);
    }
  }

  /** 60 bytes, greedily. */
  private static String written(Settings settings, ScriptedModel... models) {
    try (var session = (FusedSession) open(new ByteExactEnsemble(settings), List.of(models))) {
      var text = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        int next = session.next().mostProbable();
        text.append((char) next);
        session.append(next);
      }
      return text.toString();
    }
  }

  /** A model that fails once it has read so many tokens. */
  private static ScriptedModel failing(String name, int length, double... probabilities) {
    return new ScriptedModel(
        name,
        List.of("a", "b"),
        1_000,
        tokens ->
            tokens.size() <= length
                ? probabilities
                : new double[] {Double.NaN, Double.NaN, Double.NaN});
  }

  /** b sleeps from the 17th byte on, when a, which has all weight, can go on no more. */
  @Test
  void whoSleepsGoesOnWhereTheLeaderFails() {
    ScriptedModel a = failing("a", 30, .998, .001, .001);
    ScriptedModel b = failing("b", 1_000, .01, .98, .01);
    var settings = new Settings(Mean.ARITHMETIC, 4, 0, 1, 0, 0, .1, 0);
    assertEquals("a".repeat(30) + "b".repeat(30), written(settings, a, b));
  }

  /** A budget need not pay for what a sleeping member does not do. */
  @Test
  void whoSleepsIsNotCountedInAdvance() {
    ScriptedModel a = failing("a", 1_000, .998, .001, .001);
    ScriptedModel b = failing("b", 1_000, .01, .98, .01);
    var settings = new Settings(Mean.ARITHMETIC, 4, 0, 1, 0, 0, .1, 0);
    try (var session = (FusedSession) open(new ByteExactEnsemble(settings), List.of(a, b))) {
      for (int i = 0; i < 30; i++) {
        session.next();
        session.append('a');
      }
      assertEquals(session.activity(1), session.activityAfterStep(1));
      assertEquals(
          session.activity(0).tokensWritten() + 1, session.activityAfterStep(0).tokensWritten());
    }
  }

  /** 8 nats a byte behind, for 100 bytes: exp(-800) is no number. */
  @Test
  void whoIsFarBehindGoesOnWhereTheLeaderFails() {
    ScriptedModel a = failing("a", 120, 1, 0, 0);
    ScriptedModel b = failing("b", 1_000, 0, 1, 0);
    var settings = new Settings(Mean.ARITHMETIC, 4, 0, 1, 0, 0, 0, 0);
    try (var session = (FusedSession) open(new ByteExactEnsemble(settings), List.of(a, b))) {
      for (int i = 0; i < 140; i++) {
        assertEquals(i < 120 ? 'a' : 'b', session.next().mostProbable());
        session.append(session.next().mostProbable());
      }
    }
  }

  /** A model that is for b where a fails. */
  private static ScriptedModel turning(String name) {
    return new ScriptedModel(
        name,
        List.of("a", "b"),
        1_000,
        tokens -> tokens.size() <= 10 ? new double[] {.5, .4, .1} : new double[] {.05, .9, .05});
  }

  /** Beside the frozen weight of who failed, everybody would be light, and fall asleep. */
  @Test
  void whoFailedIsNoLeader() {
    ScriptedModel a = failing("a", 10, .98, .01, .01);
    ScriptedModel b = turning("b");
    ScriptedModel c = turning("c");
    var settings = new Settings(Mean.ARITHMETIC, 4, 0, 1, .02, 0, .1, 0);
    assertEquals("a".repeat(10) + "b".repeat(50), written(settings, a, b, c));
    assertEquals(60, b.passes.get());
    assertEquals(60, c.passes.get());
  }

  /** A share of .2 lifts each of three to .0667. */
  @Test
  void asleepThatDoesNothingIsRefused() {
    ScriptedModel model = failing("m", 1_000, .5, .4, .1);
    List<ScriptedModel> three = List.of(model, model, model);
    var idle = new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 4, 0, 1, .2, 0, .05, 0));
    var refusal = assertThrows(IllegalArgumentException.class, () -> open(idle, three));
    assertEquals(
        "asleep is 0.05 and share is 0.2; of 3 members each keeps a weight of share / 3, so nobody"
            + " would ever fall asleep: asleep must be 0 or above 0.06666666666666667.",
        refusal.getMessage());
    open(new ByteExactEnsemble(new Settings(Mean.ARITHMETIC, 4, 0, 1, .2, 0, .07, 0)), three)
        .close();
  }

  /** A context of 20 tokens of up to two bytes, one of 30 of one byte. */
  @Test
  void theRoomIsInBytes() {
    var small = new ScriptedModel("small", List.of("a", "ab"), 21, _ -> new double[] {1, 0, 0});
    var large = new ScriptedModel("large", List.of("a"), 31, _ -> new double[] {1, 0});
    assertEquals(
        40,
        method()
            .plan(List.of(member(small, 1), member(large, 1)))
            .room(List.of(small.asked(), large.asked())));
  }
}
