package dev.tutti.decoder.span;

import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cuts text into a member's tokens as it grows by spans that others wrote: the last words before a
 * span are cut again together with it, so that the tokens at the join are those of a whole text.
 * Immutable.
 */
public final class TextJoin {

  /** Bytes in which the last words are looked for. */
  private static final int REACH = 256;

  private final Tokenizer tokenizer;
  private final PieceIndex pieces;
  private final int words;
  private final int[] ends;

  /**
   * For a member.
   *
   * @param words before a span that are cut again with it; at least 0
   */
  TextJoin(Tokenizer tokenizer, int words) {
    this.tokenizer = tokenizer;
    this.pieces = new PieceIndex(tokenizer);
    this.words = words;
    this.ends = IntStream.range(0, tokenizer.size()).filter(tokenizer::isEnd).toArray();
  }

  /**
   * One a member, in their order; members of one tokenizer share it.
   *
   * @param words as {@link #TextJoin}
   */
  public static List<TextJoin> of(List<TokenMember> members, int words) {
    var known = new HashMap<Tokenizer, TextJoin>();
    return members.stream()
        .map(m -> known.computeIfAbsent(m.tokenizer(), t -> new TextJoin(t, words)))
        .toList();
  }

  /**
   * The tokens of a text that grew.
   *
   * @param tokens that spell the text
   * @param text before
   * @param added what it grew by
   * @return tokens of both; empty where the member cannot write what was added
   */
  Optional<int[]> join(int[] tokens, byte[] text, byte[] added) {
    if (added.length == 0) {
      return Optional.of(tokens);
    }
    int from = lastWords(text);
    int at = text.length;
    int kept = tokens.length;
    while (at > from && kept > 0) {
      at -= tokenizer.bytes(tokens[--kept]).length;
    }
    int head = kept;
    byte[] again = Arrays.copyOfRange(text, Math.max(at, 0), text.length + added.length);
    System.arraycopy(added, 0, again, again.length - added.length, added.length);
    return encode(again)
        .map(ids -> concat(Arrays.copyOf(tokens, head), ids))
        .or(() -> pieces.tokens(added).map(ids -> concat(tokens, ids)));
  }

  /** The end tokens; shared, leave them as they are. */
  int[] ends() {
    return ends;
  }

  /** Whether the member's tokens have an edge between the end of a text and what follows. */
  boolean edge(byte[] text, byte[] next) {
    int from = lastWords(text);
    byte[] both = Arrays.copyOfRange(text, from, text.length + next.length);
    System.arraycopy(next, 0, both, both.length - next.length, next.length);
    Optional<int[]> ids = encode(both);
    int at = from;
    for (int i = 0; ids.isPresent() && i < ids.get().length && at < text.length; i++) {
      at += tokenizer.bytes(ids.get()[i]).length;
    }
    return ids.isEmpty() || at == text.length;
  }

  private Optional<int[]> encode(byte[] bytes) {
    return Utf8.isText(bytes)
        ? tokenizer.encodeBehind(new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private int lastWords(byte[] text) {
    int from = Math.max(0, text.length - REACH);
    while (from < text.length && (text[from] & 0xC0) == 0x80) {
      from++;
    }
    String tail = new String(text, from, text.length - from, StandardCharsets.UTF_8);
    int start = Words.start(tail, words);
    return Math.max(
        from, text.length - tail.substring(start).getBytes(StandardCharsets.UTF_8).length);
  }

  private static int[] concat(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }
}
