package dev.tutti.decoder.bytes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.TopSession.Appended;
import dev.tutti.decoder.fixture.ScriptedModel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokenCutsTest {

  /** Cuts the text "<s>" into the end, as a tokenizer does with the text of a special token. */
  private record Marking(Tokenizer plain, AtomicLong handed) implements Tokenizer {

    Marking(Tokenizer plain) {
      this(plain, new AtomicLong());
    }

    @Override
    public int size() {
      return plain.size();
    }

    @Override
    public byte[] bytes(int token) {
      return plain.bytes(token);
    }

    @Override
    public boolean isSpecial(int token) {
      return plain.isSpecial(token);
    }

    @Override
    public boolean isEnd(int token) {
      return plain.isEnd(token);
    }

    @Override
    public int[] encode(String text) {
      handed.addAndGet(text.length());
      int at = text.indexOf("<s>");
      if (at < 0) {
        return plain.encode(text);
      }
      IntStream before = Arrays.stream(plain.encode(text.substring(0, at)));
      IntStream behind = Arrays.stream(encode(text.substring(at + 3)));
      return IntStream.concat(IntStream.concat(before, IntStream.of(size() - 1)), behind).toArray();
    }
  }

  private static Tokenizer pieces(String... pieces) {
    return new Marking(ScriptedModel.constant("m", List.of(pieces)).tokenizer());
  }

  private static int[] cut(Tokenizer tokenizer, String text) {
    return new TokenCuts(tokenizer).tokens(text.getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  /** Only "<" is at fault: behind it "s>" is text like any other. */
  @Test
  void theTextOfASpecialTokenIsCutAroundAndNothingElseIs() {
    Tokenizer words = pieces("\n", " hello", " ", "<", "s>");
    int[] cut = {1, 1, 2, 3, 4, 1};
    assertArrayEquals(cut, cut(words, " hello hello <s> hello"));
    assertArrayEquals(new int[] {3, 4, 3, 4}, cut(words, "<s><s>"));
    // Its letters are two bytes, for which it has no tokens.
    Tokenizer letters = pieces("\n", "\u00e9", "<", "s", ">");
    assertArrayEquals(new int[] {1, 2, 3, 4, 1}, cut(letters, "\u00e9<s>\u00e9"));
    assertTrue(new TokenCuts(letters).tokens("\u00e9z".getBytes(StandardCharsets.UTF_8)).isEmpty());
  }

  @Test
  void aTokenizerHasOne() {
    Tokenizer one = pieces("a");
    assertSame(TokenCuts.of(one), TokenCuts.of(one));
    assertNotSame(TokenCuts.of(one), TokenCuts.of(pieces("a")));
  }

  /** A model that disagrees with every byte, so that each is cut anew. */
  private static long handed(int bytes) {
    List<String> pieces = List.of("\n", "a", "b", "ab", "aab", "ba");
    double[] p = {.1, .2, .2, .1, .2, .1, .1};
    var model = new ScriptedModel("m", pieces, 10_000, _ -> p);
    var tokenizer = new Marking(model.tokenizer());
    var random = new SplittableRandom(3);
    var cuts = new TokenCuts(tokenizer);
    try (var member = new ByteMember(cuts, new HeadBounds(1, 0), model.prompted())) {
      for (int i = 0; i < bytes; i++) {
        member.ask();
        byte next = (byte) (random.nextBoolean() ? 'a' : 'b');
        assertEquals(Appended.WRITTEN, member.append(next, new byte[] {next}));
      }
    }
    return tokenizer.handed().get();
  }

  @Test
  void whatIsCutAnewGrowsAsTheTextDoes() {
    assertTrue(handed(1_000) < 2.5 * handed(500));
  }

  private static byte[] random(SplittableRandom random, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append("abc\u00e9".charAt(random.nextInt(4)));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Cut on from what was settled, in steps of any size, as if it were cut at once. */
  @Property(tries = 100)
  void aTextThatGrowsIsCutAsAWhole(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    byte[] alphabet = {'\n', 'a', 'b', 'c', (byte) 0xC3, (byte) 0xA9};
    var cuts = new TokenCuts(BytePairs.random(random, alphabet, random.nextInt(20)));
    byte[] whole = random(random, random.nextInt(1, 200));
    var settled = new Settled(cuts);
    for (int length = 0; length < whole.length; ) {
      length = Math.min(whole.length, length + random.nextInt(1, 40));
      byte[] text = Arrays.copyOf(whole, length);
      int[] cut = cuts.tokens(text).orElseThrow();
      int[] begun = settled.of(text).orElseThrow().tokens(0);
      assertArrayEquals(cut, settled.tokens(text).orElseThrow().tokens(0));
      assertBegins(cut, begun);
      int[] atOnce = new Settled(cuts).of(text).orElseThrow().tokens(0);
      assertBegins(
          begun.length > atOnce.length ? begun : atOnce,
          begun.length > atOnce.length ? atOnce : begun);
      if (random.nextInt(4) == 0) {
        length = random.nextInt(length);
        settled.rewind(length);
      }
    }
  }

  private static void assertBegins(int[] tokens, int[] first) {
    assertArrayEquals(Arrays.copyOf(tokens, first.length), first);
  }

  @Test
  void whatTwoPathsBeginBy() {
    Path ab = Path.START.then(1, 1).then(2, 1);
    assertEquals(ab, Path.common(ab, ab));
    assertEquals(2, Path.common(ab.then(3, 2), ab.then(4, 1)).length());
    // The same tokens in other objects, and one that is as long by other tokens.
    assertEquals(2, Path.common(ab.then(3, 2), Path.START.then(1, 1).then(2, 1)).length());
    assertEquals(0, Path.common(Path.START.then(5, 2).then(3, 2), ab.then(3, 2)).length());
    assertArrayEquals(new int[] {2, 3}, ab.then(3, 2).tokens(1));
    assertEquals(4, ab.then(3, 2).end());
  }
}
