package dev.tutti.decoder.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.bytes.ByteSymbols;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AdjusterTest {

  private static final double E = Math.E;

  // Two tokens spell "b".
  private static final Vocabulary TOKENS =
      ScriptedModel.constant("m", List.of("a", "b", "ab", "b"), .4, .2, .2, .1, .1).tokenizer();

  private static final double[] P = {.4, .2, .2, .1, .1};

  private static Distribution distribution(double... p) {
    var distribution = new Distribution(p.length);
    distribution.setProbabilities(p);
    return distribution;
  }

  private static Prefix prefix(String... pieces) {
    Prefix prefix = Prefix.EMPTY;
    for (String piece : pieces) {
      prefix = prefix.with(piece.getBytes(StandardCharsets.UTF_8));
    }
    return prefix;
  }

  private static double[] adjusted(Adjustments adjustments, double[] p, String... pieces) {
    return new Adjuster(adjustments)
        .adjusted(distribution(p), TOKENS, prefix(pieces))
        .probabilities();
  }

  private static Adjustments ids(Map<Integer, Double> bias) {
    return new Adjustments(0, 0, bias, Map.of());
  }

  private static Adjustments texts(Map<String, Double> bias) {
    return new Adjustments(0, 0, Map.of(), bias);
  }

  private static Adjustments penalties(double frequency, double presence) {
    return new Adjustments(frequency, presence, Map.of(), Map.of());
  }

  private static double[] normed(double... weights) {
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }

  @Test
  void aBiasIsAddedToTheLogit() {
    assertArrayEquals(normed(.4 * E, .2, .2, .1, .1), adjusted(ids(Map.of(0, 1.0)), P), 1e-12);
    assertArrayEquals(
        normed(.4, .2, .2 / E / E, .1, .1), adjusted(texts(Map.of("ab", -2.0)), P), 1e-12);
    // An id is one token, a text all that spell it; both add up.
    assertArrayEquals(
        normed(.4, .2 * E * E, .2, .1 * E, .1),
        adjusted(new Adjustments(0, 0, Map.of(1, 1.0), Map.of("b", 1.0)), P),
        1e-12);
    // So does the end have an id.
    assertArrayEquals(normed(.4, .2, .2, .1, .1 * E), adjusted(ids(Map.of(4, 1.0)), P), 1e-12);
  }

  /** By hand: a stands there twice, b once, ab not at all, and an end never does. */
  @Test
  void whatWasSaidIsPenalised() {
    assertArrayEquals(P, adjusted(penalties(.5, .25), P), 0);
    assertArrayEquals(
        normed(
            .4 * Math.exp(-2 * .5 - .25),
            .2 * Math.exp(-.5 - .25),
            .2,
            .1 * Math.exp(-.5 - .25),
            .1),
        adjusted(penalties(.5, .25), P, "a", "b", "a"),
        1e-12);
    assertArrayEquals(
        normed(.4 * E * E * E * E, .2 * E * E, .2, .1 * E * E, .1),
        adjusted(penalties(-2, 0), P, "a", "b", "a"),
        1e-12);
    assertArrayEquals(
        normed(.4, .2, .2 / E, .1, .1), adjusted(penalties(0, 1), P, "ab", "ab"), 1e-12);
    // What others wrote in pieces of their own is no piece here.
    assertArrayEquals(P, adjusted(penalties(2, 2), P, "aba", "x"), 0);
  }

  @Test
  void aTextIsBannedAtWhateverCompletesIt() {
    assertArrayEquals(
        new double[] {.5, .25, 0, .125, .125}, adjusted(texts(Map.of("ab", -100.0)), P), 1e-12);
    // Behind an a each b would complete it.
    assertArrayEquals(
        normed(.4, 0, 0, 0, .1), adjusted(texts(Map.of("ab", -100.0)), P, "a"), 1e-12);
    assertArrayEquals(
        normed(.4, 0, 0, 0, .1), adjusted(texts(Map.of("ab", -100.0)), P, "b", "bba"), 1e-12);
    assertArrayEquals(
        normed(.4, .2, .2, .1, .1), adjusted(texts(Map.of("bab", -100.0)), P, "a"), 1e-12);
    assertArrayEquals(
        normed(.4, 0, .2, 0, .1), adjusted(texts(Map.of("bab", -100.0)), P, "b", "a"), 1e-12);
    assertArrayEquals(
        normed(.4, .2, 0, .1, .1), adjusted(texts(Map.of("bab", -100.0)), P, "b"), 1e-12);
  }

  @Test
  void aHundredForces() {
    assertArrayEquals(new double[] {0, 0, 1, 0, 0}, adjusted(texts(Map.of("ab", 100.0)), P), 0);
    assertArrayEquals(normed(0, .2, 0, .1, 0), adjusted(texts(Map.of("b", 100.0)), P), 1e-12);
    // Penalties do not take it back, other biases do.
    assertArrayEquals(
        new double[] {1, 0, 0, 0, 0},
        adjusted(new Adjustments(2, 2, Map.of(0, 100.0), Map.of()), P, "a", "a"),
        0);
    assertArrayEquals(
        normed(.4 * E, .2, .2, .1, .1),
        adjusted(new Adjustments(0, 0, Map.of(0, 100.0), Map.of("a", -99.0)), P),
        1e-12);
    // However impossible the model finds it.
    assertArrayEquals(
        new double[] {0, 1, 0, 0, 0},
        adjusted(ids(Map.of(1, 100.0)), new double[] {1, 0, 0, 0, 0}),
        0);
  }

  @Test
  void whereAllIsBannedTheAnswerEnds() {
    double[] sure = {1, 0, 0, 0, 0};
    assertArrayEquals(new double[] {0, 0, 0, 0, 1}, adjusted(texts(Map.of("a", -100.0)), sure), 0);
    assertThrows(
        NothingLeftException.class, () -> adjusted(ids(Map.of(0, -100.0, 4, -100.0)), sure));
  }

  @Test
  void whatChangesNothingIsTheSameToTheBit() {
    Distribution distribution = distribution(P);
    var adjustments = new Adjustments(0, 0, Map.of(1, 0.0), Map.of("ab", 0.0, "xyz", 7.0));
    assertSame(
        distribution, new Adjuster(adjustments).adjusted(distribution, TOKENS, prefix("a", "b")));
    assertNotSame(
        distribution,
        new Adjuster(ids(Map.of(1, 1e-9))).adjusted(distribution, TOKENS, Prefix.EMPTY));
  }

  /** 257 symbols: the bias of a text is that of its last byte. */
  @Test
  void bytesCompleteATextToo() {
    var even = new double[ByteSymbols.SIZE];
    Arrays.fill(even, 1.0 / even.length);
    var adjuster = new Adjuster(new Adjustments(2, 2, Map.of(), Map.of("zy", -100.0, "x", 100.0)));
    Distribution forced = adjuster.adjusted(distribution(even), ByteSymbols.ALL, prefix("x", "x"));
    assertEquals(1, forced.probability('x'));
    var banning = new Adjuster(new Adjustments(2, 2, Map.of(), Map.of("zy", -100.0, "é", 50.0)));
    assertEquals(
        even[0],
        banning.adjusted(distribution(even), ByteSymbols.ALL, prefix("a", "a")).probability('a'));
    Distribution after = banning.adjusted(distribution(even), ByteSymbols.ALL, prefix("z"));
    assertEquals(0, after.probability('y'));
    assertEquals(1.0 / 256, after.probability('a'), 1e-15);
    // Of a character of several bytes no single one is the text: its members' tokens are.
    Prefix begun = Prefix.EMPTY.with(new byte[] {(byte) 0xC3});
    assertArrayEquals(
        even, banning.adjusted(distribution(even), ByteSymbols.ALL, begun).probabilities());
  }

  /** What no member can write is not forced, or the answer would end with it. */
  @Test
  void aByteThatNobodyCanWriteIsNotForced() {
    var p = new double[ByteSymbols.SIZE];
    p['x'] = .75;
    p['y'] = .25;
    var adjuster = new Adjuster(texts(Map.of("#", 100.0)));
    Distribution distribution = distribution(p);
    assertSame(distribution, adjuster.adjusted(distribution, ByteSymbols.ALL, Prefix.EMPTY));
    p['#'] = 1e-300;
    assertEquals(
        1, adjuster.adjusted(distribution(p), ByteSymbols.ALL, Prefix.EMPTY).probability('#'));
  }

  /** 50 times -2 is what -100 takes; a ban is no number. */
  @Test
  void aPenaltyDoesNotLiftABan() {
    String[] said = Collections.nCopies(50, "a").toArray(String[]::new);
    var banned = new Adjustments(-2, 0, Map.of(0, -100.0), Map.of());
    assertArrayEquals(normed(0, .2, .2, .1, .1), adjusted(banned, P, said), 1e-12);
    var forced = new Adjustments(2, 0, Map.of(0, 100.0, 2, 100.0), Map.of());
    double[] both = adjusted(forced, P, said);
    assertEquals(1, both[0] + both[2]);
    assertTrue(both[0] > 0, "both are forced");
  }

  @Test
  void nothingOverflows() {
    Prefix repeated = Prefix.EMPTY;
    for (int i = 0; i < 5_000; i++) {
      repeated = repeated.with(new byte[] {'a'});
    }
    for (double frequency : new double[] {-2, 2}) {
      double[] p =
          new Adjuster(penalties(frequency, 0))
              .adjusted(distribution(P), TOKENS, repeated)
              .probabilities();
      assertEquals(frequency < 0 ? 1 : 0, p[0], 1e-12);
      assertEquals(1, Arrays.stream(p).sum(), 1e-12);
    }
    var logits = new Distribution(5);
    logits.setLogits(new float[] {0, -500, -4_000, -4_000, -4_000});
    double[] p =
        new Adjuster(ids(Map.of(0, -100.0, 2, -100.0, 3, -100.0, 4, -100.0)))
            .adjusted(logits, TOKENS, Prefix.EMPTY)
            .probabilities();
    assertEquals(1, p[1]);
  }

  @Test
  void drawsFollowWhatIsTold() {
    var random = new SplittableRandom(3);
    for (int trial = 0; trial < 200; trial++) {
      double bias = random.nextDouble(-3, 3);
      var sampling =
          Sampling.GREEDY.with(new Adjustments(0, 0, Map.of(), Map.of("a", bias, "ab", -100.0)));
      var picker = new TokenPicker(sampling, TOKENS, new Random(1));
      int expected = .4 * Math.exp(bias) > .2 ? 0 : 1;
      assertEquals(expected, picker.pick(distribution(P)));
      assertEquals(1, picker.shaped(distribution(P))[expected]);
      assertEquals(
          expected,
          picker.with(.5, new Random(2)).behind(prefix("b"), TOKENS).pick(distribution(P)));
    }
    var unknowing = new TokenPicker(Sampling.GREEDY.with(penalties(1, 0)), new Random(1));
    assertThrows(IllegalStateException.class, () -> unknowing.pick(distribution(P)));
  }

  /** From where the answer is, not from where the picker began. */
  @Test
  void anAnswerIsPenalisedAsItGrows() {
    var model = ScriptedModel.constant("m", List.of("a", "b", "c"), .5, .3, .15, .05);
    var sampling = new Sampling(0, 1, OptionalInt.empty(), List.of(), OptionalInt.of(6), false, 0);
    // Log-probabilities -.69, -1.20, -1.90, -3.00; 1 for each time.
    assertEquals("abacba", text(model, sampling.with(penalties(1, 0))));
    // 2 once; then all have it but for the end, which stays behind a.
    assertEquals("abcaaa", text(model, sampling.with(penalties(0, 2))));
  }

  private static String text(ScriptedModel model, Sampling sampling) {
    try (var session = model.prompted()) {
      return new AnswerWriter(session, model.tokenizer(), sampling, new Random(1))
          .write((_, _) -> {})
          .text();
    }
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> penalties(2.1, 0));
    assertThrows(IllegalArgumentException.class, () -> penalties(0, -2.1));
    assertThrows(IllegalArgumentException.class, () -> penalties(Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> ids(Map.of(1, 100.5)));
    assertThrows(IllegalArgumentException.class, () -> texts(Map.of("a", Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> texts(Map.of("", 1.0)));
  }
}
