package dev.tutti.decoder.method.token;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnionVocabularyTest {

  /**
   * A vocabulary whose pieces are written {@code <end>}, {@code <special>}, {@code <80>} for a
   * byte, or as they are. Text is cut into characters, each of which must be a piece.
   */
  private record Pieces(AtomicInteger encoded, String... pieces) implements Tokenizer {

    Pieces(String... pieces) {
      this(new AtomicInteger(), pieces);
    }

    @Override
    public int size() {
      return pieces.length;
    }

    @Override
    public byte[] bytes(int token) {
      String piece = pieces[token];
      if (isSpecial(token)) {
        return new byte[0];
      }
      return piece.matches("<[0-9A-F]{2}>")
          ? new byte[] {(byte) Integer.parseInt(piece.substring(1, 3), 16)}
          : piece.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isSpecial(int token) {
      return isEnd(token) || pieces[token].equals("<special>");
    }

    @Override
    public boolean isEnd(int token) {
      return pieces[token].equals("<end>");
    }

    @Override
    public int[] encode(String text) {
      encoded.incrementAndGet();
      return text.chars()
          .mapToObj(Character::toString)
          .flatMapToInt(c -> IntStream.range(0, size()).filter(t -> pieces[t].equals(c)).limit(1))
          .toArray();
    }
  }

  private static UnionVocabulary of(Tokenizer... tokenizers) {
    return new UnionVocabulary(
        IntStream.range(0, tokenizers.length)
            .mapToObj(m -> new TokenMember("m" + m, 1, tokenizers[m]))
            .toList());
  }

  private static List<String> columns(UnionVocabulary union) {
    return IntStream.range(0, union.shared().size())
        .mapToObj(c -> new String(union.shared().bytes(c), StandardCharsets.ISO_8859_1))
        .toList();
  }

  /** E9 is a byte above 7F: as a signed one it would be first. */
  @Test
  void columnsAreInTheOrderOfTheirUnsignedBytesAndTheEndLast() {
    UnionVocabulary union =
        of(new Pieces("<end>", "b", "<E9>", "ab"), new Pieces("a", "<special>", "b", "<end>"));
    assertEquals(List.of("a", "ab", "b", "\u00e9", ""), columns(union));
    for (int c = 0; c < 5; c++) {
      assertEquals(c == 4, union.shared().isEnd(c));
      assertEquals(c == 4, union.shared().isSpecial(c));
    }
    assertEquals(4, union.shared(0, 0));
    assertEquals(2, union.shared(0, 1));
    assertEquals(3, union.shared(0, 2));
    assertEquals(1, union.shared(0, 3));
    assertEquals(-1, union.shared(1, 1));
    assertEquals(4, union.shared(1, 3));
    // More logits than tokens: padding of the graph.
    assertEquals(-1, union.shared(1, 4));
  }

  /** Two ends, two spellings of one byte, and a special token whose mass is lost. */
  @Test
  void whatMeansTheSameIsOneColumn() {
    // The empty piece is no text, and no special token either.
    UnionVocabulary union = of(new Pieces("x", "<end>", "<78>", "<special>", "<end>", "y", ""));
    assertEquals(List.of("x", "y", ""), columns(union));
    var own = new Distribution(7);
    own.setProbabilities(new double[] {.1, .2, .3, .03, .15, .2, .02});
    double[] aligned = {9, 9, 9};
    union.align(0, own, aligned);
    assertArrayEquals(new double[] {.4, .2, .35}, aligned, 1e-15);
    // The first token that spells it.
    assertArrayEquals(new int[] {0}, union.tokens(0, 0).orElseThrow());
  }

  /** A vocabulary that is another's in all but one respect is not its twin. */
  @Test
  void equalVocabulariesShareTheirColumnsAndAlmostEqualOnesDoNot() {
    var first = new Pieces("a", "b", "<special>", "<end>");
    UnionVocabulary union =
        of(
            first,
            new Pieces("a", "b", "<special>", "<end>"),
            first,
            new Pieces("b", "a", "<special>", "<end>"),
            new Pieces("a", "b", "<end>", "<special>"),
            new Pieces("a", "b", "<special>", "<end>", "c"),
            new Pieces("a", "b", "<special>", "<special>"),
            new Pieces("a", "b", "c", "<end>"));
    assertEquals(List.of("a", "b", "c", ""), columns(union));
    int[][] expected = {
      {0, 1, -1, 3},
      {0, 1, -1, 3},
      {0, 1, -1, 3},
      {1, 0, -1, 3},
      {0, 1, 3, -1},
      {0, 1, -1, 3, 2},
      {0, 1, -1, -1},
      {0, 1, 2, 3}
    };
    for (int m = 0; m < expected.length; m++) {
      for (int t = 0; t < expected[m].length; t++) {
        assertEquals(expected[m][t], union.shared(m, t), m + " " + t);
      }
      assertArrayEquals(new int[] {m == 3 ? 1 : 0}, union.tokens(m, 0).orElseThrow(), "a of " + m);
    }
  }

  /** "ab" is cut into a and b behind a prefix, once; "é" byte by byte; "z" not at all. */
  @Test
  void aPieceThatAMemberLacksIsCutOrSpeltOrNotWritten() {
    var words = new Pieces("ab", "z", "é", "<end>");
    var letters = new Pieces("a", "b", "1", "<C3>", "<A9>", "<end>");
    UnionVocabulary union = of(words, letters);
    assertEquals(
        List.of("1", "a", "ab", "b", "z", "\u00a9", "\u00c3", "\u00c3\u00a9", ""), columns(union));
    assertArrayEquals(new int[] {0}, union.tokens(0, 2).orElseThrow(), "its own, uncut");
    assertArrayEquals(new int[] {0, 1}, union.tokens(1, 2).orElseThrow());
    int encoded = letters.encoded().get();
    assertTrue(encoded > 0);
    assertArrayEquals(new int[] {0, 1}, union.tokens(1, 2).orElseThrow());
    assertEquals(encoded, letters.encoded().get(), "kept");
    assertArrayEquals(new int[] {3, 4}, union.tokens(1, 7).orElseThrow());
    assertEquals(Optional.empty(), union.tokens(1, 4));
    assertEquals(Optional.empty(), union.tokens(0, 1), "the words have no a");
    assertEquals(Optional.empty(), union.tokens(0, 6), "nor half a character");
  }

  @Test
  void bytesThatAreNoColumnAreWrittenTooWhereTheirPartsAre() {
    var letters = new Pieces("a", "b", "<C3>", "<end>");
    UnionVocabulary union = of(letters);
    assertArrayEquals(
        new int[] {0, 1, 0}, union.tokens(0, "aba".getBytes(StandardCharsets.UTF_8)).orElseThrow());
    // Half a character behind a letter.
    assertArrayEquals(
        new int[] {0, 2}, union.tokens(0, new byte[] {'a', (byte) 0xC3}).orElseThrow());
    assertEquals(Optional.empty(), union.tokens(0, new byte[] {'a', (byte) 0xC4}));
    assertEquals(Optional.empty(), union.tokens(0, "az".getBytes(StandardCharsets.UTF_8)));
    assertFalse(union.tokens(0, new byte[] {'b'}).isEmpty());
  }
}
