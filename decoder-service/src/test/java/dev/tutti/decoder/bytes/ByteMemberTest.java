package dev.tutti.decoder.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.TopSession.Appended;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ByteMemberTest {

  private static final HeadBounds FOUR = new HeadBounds(4, 1e-3);
  private static final List<String> PIECES = List.of("a", "b", "ab");

  /** The toy model of the card: P(a, b, ab, end) at the start, after a, after b, after ab. */
  private final ScriptedModel toy =
      new ScriptedModel(
          "toy",
          PIECES,
          100,
          tokens ->
              tokens.size() == 1
                  ? new double[] {.2, .3, .4, .1}
                  : switch (tokens.getLast()) {
                    case 0 -> new double[] {.5, 0, .3, .2};
                    case 1 -> new double[] {.3, .2, .3, .2};
                    default -> new double[] {.1, .4, .2, .3};
                  });

  private static ByteMember member(ScriptedModel model, HeadBounds bounds) {
    return new ByteMember(new TokenCuts(model.tokenizer()), bounds, model.prompted());
  }

  /** P(a), P(b), P(end). */
  private static double[] asked(ByteMember member) {
    assertTrue(member.ask());
    double[] p = member.ratings(ByteSymbols.ALL);
    assertEquals(1, Arrays.stream(p).sum(), 1e-12);
    return new double[] {p['a'], p['b'], p[ByteSymbols.END]};
  }

  private static void write(ByteMember member, String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      member.ask();
      assertEquals(Appended.WRITTEN, member.append(b & 0xFF, new byte[] {b}));
    }
  }

  private double[] behind(String text, HeadBounds bounds) {
    try (ByteMember member = member(toy, bounds)) {
      write(member, text);
      return asked(member);
    }
  }

  /** The golden numbers of card 8.1. At the start a: .2 + .4. */
  @Test
  void theToyOfTheCard() {
    assertArrayEquals(new double[] {.6, .3, .1}, behind("", FOUR), 1e-12);
    assertArrayEquals(new double[] {.266667, .666667, .066667}, behind("a", FOUR), 1e-6);
    assertArrayEquals(new double[] {.3, .4, .3}, behind("ab", FOUR), 1e-12);
    assertArrayEquals(new double[] {.5, .375, .125}, behind("aa", FOUR), 1e-12);
  }

  /**
   * One head: behind "a" it keeps "ab", which has .4 of .6, and is off by the third that it drops.
   */
  @Test
  void whatIsDroppedIsToldAndBoundsTheError() {
    try (ByteMember member = member(toy, new HeadBounds(1, 0))) {
      write(member, "a");
      assertArrayEquals(new double[] {0, 1, 0}, asked(member), 1e-12);
      assertEquals(1 / 3., member.measures().get("dropped_share"), 1e-12);
    }
  }

  /** "aa" is not among the ways of the head that is left, so all are found anew. */
  @Test
  void aByteThatNoHeadLeadsToIsCutAnew() {
    try (ByteMember member = member(toy, new HeadBounds(1, 0))) {
      write(member, "aa");
      // Of W .06 for "a|ab" and .1 for "a|a" the second stays: .5 + .3 and .2.
      assertArrayEquals(new double[] {.8, 0, .2}, asked(member), 1e-12);
      assertEquals(.375, member.measures().get("dropped_share"), 1e-12);
    }
  }

  /** The merge of a and b makes (a, b) invalid, whatever the model thinks of it. */
  @Test
  void aPairThatTheTokenizerWouldNotCutIsNoWay() {
    ScriptedModel careless = ScriptedModel.constant("careless", PIECES, .2, .3, .4, .1);
    try (ByteMember member = member(careless, FOUR)) {
      write(member, "ab");
      // Only the head "ab": a is .2 + .4.
      assertArrayEquals(new double[] {.6, .3, .1}, asked(member), 1e-12);
    }
  }

  @Test
  void passesAreCountedAndNothingIsReadTwice() {
    try (ByteMember member = member(toy, FOUR)) {
      assertEquals(
          2, member.activityAfterStep().tokensRead() + member.activityAfterStep().tokensWritten());
      write(member, "ab");
      assertEquals(
          1, member.activityAfterStep().tokensWritten() - member.activity().tokensWritten());
      member.ask();
      // The prompt, "a", "ab".
      assertEquals(3, member.activity().tokensWritten());
      assertEquals(1, member.activity().tokensRead());
      assertEquals(3, toy.passes.get());
      assertEquals(3, toy.tokensRead.get());
    }
    assertEquals(0, toy.openSessions.get());
  }

  /** Text that it was not asked about is read in one pass; the end may still go two ways. */
  @Test
  void whatItSatOutIsCaughtUp() {
    try (ByteMember member = member(toy, FOUR)) {
      for (byte b : "abba".getBytes(StandardCharsets.UTF_8)) {
        assertEquals(Appended.WRITTEN, member.append(b, new byte[] {b}));
      }
      assertEquals(4, member.length());
      double[] caughtUp = asked(member);
      // ab, b in one pass, then a.
      assertEquals(2, toy.passes.get());
      assertEquals(3, member.activity().tokensRead());
      assertArrayEquals(behind("abba", FOUR), caughtUp, 1e-12);
    }
  }

  @Test
  void rewindsAndForks() {
    try (ByteMember member = member(toy, FOUR)) {
      write(member, "aab");
      double[] last = asked(member);
      member.rewind(1);
      assertEquals(1, member.length());
      try (ByteMember fork = member.fork()) {
        assertEquals(0, fork.activity().tokensWritten());
        write(fork, "ab");
        assertArrayEquals(last, asked(fork), 1e-12);
      }
      assertArrayEquals(behind("a", FOUR), asked(member), 1e-12);
      write(member, "ab");
      assertArrayEquals(last, asked(member), 1e-12);
      member.rewind(0);
      assertArrayEquals(behind("", FOUR), asked(member), 1e-12);
    }
    assertEquals(0, toy.openSessions.get());
  }

  /** Behind 130 bytes a byte more or less changes a few tokens, not all. */
  @Test
  void whatIsCutAnewIsAFewTokens() {
    try (ByteMember member = member(toy, FOUR)) {
      for (int i = 0; i < 130; i++) {
        member.append("ab".charAt(i % 2), new byte[] {(byte) "ab".charAt(i % 2)});
      }
      assertEquals(131, member.activityAfterStep().tokensRead());
      member.ask();
      long read = member.activity().tokensRead();
      member.rewind(129);
      long expected = member.activityAfterStep().tokensRead() - read;
      assertTrue(expected <= 4, expected + " tokens");
      member.ask();
      assertTrue(member.activity().tokensRead() - read <= expected);
    }
  }

  @Test
  void aByteOutsideItsVocabularyIsUnwritable() {
    try (ByteMember member = member(toy, FOUR)) {
      write(member, "a");
      member.ask();
      assertEquals(Appended.UNWRITABLE, member.append('z', new byte[] {'z'}));
      assertEquals(1, member.length());
      assertArrayEquals(behind("a", FOUR), asked(member), 1e-12);
    }
  }

  /** Of a character whose first byte it has, and whose last it has not, all is told. */
  @Test
  void theCharacterThatItRefusesIsTold() {
    var half =
        new ScriptedModel("half", List.of("a", "<0xC3>"), 100, _ -> new double[] {.5, .4, .1});
    try (ByteMember member = member(half, FOUR)) {
      member.ask();
      assertEquals(Appended.WRITTEN, member.append(0xC3, new byte[] {(byte) 0xC3}));
      member.ask();
      byte[] last = {(byte) 0xA9};
      assertEquals(Appended.UNWRITABLE, member.append(0xA9, last));
      assertEquals("\u00e9", new String(member.refused(last), StandardCharsets.UTF_8));
    }
  }

  @Test
  void aFullContextEndsIt() {
    var small = new ScriptedModel("small", PIECES, 2, _ -> new double[] {.3, .3, .3, .1});
    try (ByteMember member = member(small, FOUR)) {
      // One token, of two bytes at most.
      assertEquals(2, member.remaining());
      write(member, "b");
      assertEquals(0, member.remaining());
      member.ask();
      assertEquals(Appended.FULL, member.append('b', new byte[] {'b'}));
    }
  }

  /** A model that finds what is written impossible goes on behind it all the same. */
  @Test
  void theImpossibleIsWritten() {
    var sure =
        new ScriptedModel(
            "sure",
            PIECES,
            100,
            tokens ->
                tokens.size() == 1 ? new double[] {1, 0, 0, 0} : new double[] {0, .25, 0, .75});
    try (ByteMember member = member(sure, FOUR)) {
      write(member, "b");
      assertArrayEquals(new double[] {0, .25, .75}, asked(member), 1e-12);
      write(member, "a");
      assertArrayEquals(new double[] {0, .25, .75}, asked(member), 1e-12);
    }
  }

  @Test
  void aTokenThatIsBegunGoesOn() {
    ScriptedModel sure = ScriptedModel.constant("sure", PIECES, 0, 0, 1, 0);
    try (ByteMember member = member(sure, FOUR)) {
      write(member, "a");
      assertArrayEquals(new double[] {0, 1, 0}, asked(member), 1e-12);
      assertTrue(member.favours(ByteSymbols.ALL, 'b'));
      assertFalse(member.favours(ByteSymbols.ALL, 'a'));
      assertEquals(1, member.highest());
      assertEquals(0, member.distribution().orElseThrow().entropy());
      // It has told the second half of a token already.
      assertEquals(1, sure.passes.get());
      assertEquals(member.activity(), member.activityAfterStep());
    }
  }

  /**
   * Whatever bytes, merges and probabilities: what the tokenizer itself would cut but for the last
   * token, counted out.
   */
  @Property(tries = 200)
  void equalsTheSumOverAllCuts(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    BytePairs pairs =
        BytePairs.random(random, new byte[] {'\n', 'a', 'b', 'c'}, random.nextInt(12));
    assertCountedOut(pairs, random, tokens -> arbitrary(pairs, seed, tokens));
  }

  /** The same over bytes that are no whole characters, of a model that writes what is cut so. */
  @Property(tries = 200)
  void equalsTheSumOverAllCutsOfHalfCharacters(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    byte[] alphabet = {'\n', 'a', (byte) 0xC3, (byte) 0xA9, (byte) 0xA8};
    BytePairs pairs = BytePairs.random(random, alphabet, random.nextInt(12));
    assertCountedOut(
        pairs,
        random,
        tokens -> {
          double[] p = arbitrary(pairs, seed, tokens);
          double sum = 0;
          for (int t = 0; t < p.length; t++) {
            p[t] = pairs.isEnd(t) || isCut(pairs, behind(tokens, t)) ? p[t] : 0;
            sum += p[t];
          }
          for (int t = 0; t < p.length; t++) {
            p[t] /= sum;
          }
          return p;
        });
  }

  private static List<Integer> behind(List<Integer> tokens, int token) {
    var longer = new ArrayList<>(tokens);
    longer.add(token);
    return longer.subList(1, longer.size());
  }

  private static boolean isCut(BytePairs pairs, List<Integer> path) {
    int[] tokens = path.stream().mapToInt(Integer::intValue).toArray();
    return Arrays.equals(pairs.encode(pairs.text(tokens)), tokens);
  }

  /** Behind a prompt of one token, which does not count as text. */
  private static double[] arbitrary(BytePairs pairs, long seed, List<Integer> tokens) {
    var random = new SplittableRandom(31 * seed + tokens.hashCode());
    double[] p = random.doubles(pairs.size()).map(x -> x * x * x + 1e-6).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(x -> x / sum).toArray();
  }

  private static void assertCountedOut(
      BytePairs pairs, SplittableRandom random, Function<List<Integer>, double[]> script) {
    var model = new ScriptedModel("m", Collections.nCopies(pairs.size() - 1, "?"), 1_000, script);
    byte[] text = new byte[0];
    try (ByteMember member =
        new ByteMember(new TokenCuts(pairs), HeadBounds.NONE, model.prompted())) {
      for (int step = 0; step < 20; step++) {
        assertTrue(member.ask());
        double[] counted = new double[ByteSymbols.SIZE];
        count(pairs, script, List.of(0), text, 0, 1, counted);
        double sum = Arrays.stream(counted).sum();
        for (int s = 0; s < counted.length; s++) {
          assertEquals(counted[s] / sum, member.ratings(ByteSymbols.ALL)[s], 1e-9);
        }
        byte[] next = possible(random, counted, text);
        if (text.length > 0 && random.nextInt(4) == 0) {
          // To be cut anew.
          member.rewind(text.length - 1);
          byte[] again = {text[text.length - 1]};
          assertEquals(Appended.WRITTEN, member.append(again[0] & 0xFF, again));
        }
        assertEquals(Appended.WRITTEN, member.append(next[0] & 0xFF, next));
        text = Arrays.copyOf(text, text.length + 1);
        text[text.length - 1] = next[0];
      }
    }
    assertEquals(0, model.openSessions.get());
  }

  /** A byte behind which the text is the beginning of a text. */
  private static byte[] possible(SplittableRandom random, double[] counted, byte[] text) {
    while (true) {
      int next = random.nextInt(256);
      byte[] longer = Arrays.copyOf(text, text.length + 1);
      longer[text.length] = (byte) next;
      int whole = longer.length - Utf8.incompleteTail(longer, longer.length);
      if (counted[next] > 0 && Utf8.isText(Arrays.copyOf(longer, whole))) {
        return new byte[] {(byte) next};
      }
    }
  }

  /** All tokens that begin by the rest of the text, and all cuts of its beginnings. */
  private static void count(
      BytePairs pairs,
      Function<List<Integer>, double[]> script,
      List<Integer> tokens,
      byte[] text,
      int at,
      double weight,
      double[] counted) {
    double[] p = script.apply(tokens);
    for (int t = 0; t < p.length; t++) {
      byte[] piece = pairs.bytes(t);
      int rest = text.length - at;
      int common = Math.min(piece.length, rest);
      if (!Arrays.equals(piece, 0, common, text, at, at + common)) {
        continue;
      }
      if (pairs.isEnd(t)) {
        counted[ByteSymbols.END] += rest == 0 ? weight * p[t] : 0;
      } else if (piece.length > rest) {
        counted[piece[rest] & 0xFF] += weight * p[t];
      } else if (isCut(pairs, behind(tokens, t))) {
        var longer = new ArrayList<>(tokens);
        longer.add(t);
        count(pairs, script, longer, text, at + piece.length, weight * p[t], counted);
      }
    }
  }
}
