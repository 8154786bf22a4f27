package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.VocabularyAligner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A text in a member's own tokens. Half a character at its end is not spelt. Immutable.
 *
 * @param text its bytes
 * @param ids own tokens
 * @param ends offset behind each token, in bytes
 */
record Spelling(byte[] text, int[] ids, int[] ends) {

  /** Tokens before what is new that are cut again, as what follows may move their borders. */
  private static final int CUT_AGAIN = 5;

  static final Spelling NONE = new Spelling(new byte[0], new int[0], new int[0]);

  /** Number of tokens. */
  int size() {
    return ids.length;
  }

  /**
   * Index of the token that begins at an offset; {@link #size} where the last one ends there;
   * negative where none begins or ends.
   */
  int at(int offset) {
    if (offset == 0) {
      return 0;
    }
    int before = Arrays.binarySearch(ends, offset);
    return before < 0 ? -1 : before + 1;
  }

  /** Number of tokens that the first bytes of the text need. */
  int covering(int length) {
    if (length == 0) {
      return 0;
    }
    int before = Arrays.binarySearch(ends, length);
    return Math.min(ids.length, (before < 0 ? -before - 1 : before) + 1);
  }

  /**
   * A text as it was written: each shared token in the member's own, in as many as it takes.
   *
   * @param tokens shared ones, none of them the end
   * @return empty where the member cannot write it
   */
  static Optional<Spelling> written(
      VocabularyAligner vocabulary, int member, Tokenizer own, List<Integer> tokens) {
    var ids = IntStream.builder();
    var text = new ArrayList<byte[]>();
    byte[] held = {};
    for (int token : tokens) {
      boolean whole = held.length == 0;
      byte[] piece = vocabulary.shared().bytes(token);
      byte[] bytes = whole ? piece : join(List.of(held, piece));
      Optional<int[]> its =
          (whole ? vocabulary.tokens(member, token) : Optional.<int[]>empty())
              .or(() -> vocabulary.tokens(member, bytes));
      if (its.isEmpty() && Utf8.incompleteTail(bytes, bytes.length) == 0) {
        return Optional.empty();
      }
      held = its.isEmpty() ? bytes : new byte[0];
      its.ifPresent(known -> Arrays.stream(known).forEach(ids::add));
      if (its.isPresent()) {
        text.add(bytes);
      }
    }
    return Optional.of(NONE.with(0, ids.build().toArray(), own, join(text)));
  }

  /** All of them, one after the other. */
  static byte[] join(List<byte[]> pieces) {
    var joined = new byte[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (byte[] piece : pieces) {
      System.arraycopy(piece, 0, joined, at, piece.length);
      at += piece.length;
    }
    return joined;
  }

  /**
   * Another text as the member itself would cut it: only what is new is cut, and the last tokens
   * before it.
   *
   * @return empty where the member cannot write it
   */
  Optional<Spelling> cut(VocabularyAligner vocabulary, int member, Tokenizer own, byte[] other) {
    byte[] whole = Arrays.copyOf(other, other.length - Utf8.incompleteTail(other, other.length));
    int mismatch = Arrays.mismatch(text, whole);
    int common = mismatch < 0 ? text.length : mismatch;
    int kept = 0;
    while (kept < ids.length && ends[kept] <= common) {
      kept++;
    }
    kept = Math.max(0, kept - CUT_AGAIN);
    while (kept > 0 && isWithinCharacter(whole, ends[kept - 1])) {
      kept--;
    }
    byte[] rest = Arrays.copyOfRange(whole, kept == 0 ? 0 : ends[kept - 1], whole.length);
    Optional<int[]> added =
        rest.length == 0 ? Optional.of(new int[0]) : vocabulary.tokens(member, rest);
    int before = kept;
    return added.map(its -> with(before, its, own, whole));
  }

  private static boolean isWithinCharacter(byte[] text, int offset) {
    return offset < text.length && (text[offset] & 0xC0) == 0x80;
  }

  private Spelling with(int kept, int[] added, Tokenizer own, byte[] spelt) {
    int[] all = Arrays.copyOf(ids, kept + added.length);
    int[] allEnds = Arrays.copyOf(ends, all.length);
    int end = kept == 0 ? 0 : ends[kept - 1];
    for (int i = 0; i < added.length; i++) {
      all[kept + i] = added[i];
      end += own.bytes(added[i]).length;
      allEnds[kept + i] = end;
    }
    return new Spelling(spelt, all, allEnds);
  }
}
