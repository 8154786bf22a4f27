package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.VocabularyAligner;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A growing text in a member's own tokens. Half a character at its end is not spelt. Only what is
 * new is spelt, and the last tokens before it, however long the text is. Confined to one thread at
 * a time.
 */
final class Spelling {

  /** Tokens before what is new that are cut again, as what follows may move their borders. */
  private static final int CUT_AGAIN = 5;

  private final VocabularyAligner vocabulary;
  private final int member;
  private final Tokenizer own;
  private final IntSequence ids = new IntSequence();
  // One a token: offset behind it, in bytes.
  private final IntSequence ends = new IntSequence();
  private boolean asWritten;
  // Tokens of the text that are as they were when it was spelt last.
  private int spelt;

  /**
   * Of no text.
   *
   * @param member index among the members of the vocabulary
   * @param own its tokenizer
   */
  Spelling(VocabularyAligner vocabulary, int member, Tokenizer own) {
    this.vocabulary = vocabulary;
    this.member = member;
    this.own = own;
  }

  /** Number of tokens. */
  int size() {
    return ids.size();
  }

  /** Number of bytes that are spelt. */
  int length() {
    return spelt(size());
  }

  /** Own tokens; leave them as they are. */
  IntSequence ids() {
    return ids;
  }

  /** Offset behind a token, in bytes. */
  int end(int token) {
    return ends.get(token);
  }

  /**
   * Index of the token that begins at an offset; {@link #size} where the last one ends there;
   * negative where none begins or ends.
   */
  int at(int offset) {
    if (offset == 0) {
      return 0;
    }
    int before = ends.search(offset);
    return before < 0 ? -1 : before + 1;
  }

  /** Number of tokens that the first bytes of the text need. */
  int covering(int length) {
    if (length == 0) {
      return 0;
    }
    int before = ends.search(length);
    return Math.min(size(), (before < 0 ? -before - 1 : before) + 1);
  }

  /** The text was taken back to so many of its tokens, and may be another behind them. */
  void changed(int place) {
    spelt = Math.min(spelt, place);
  }

  /**
   * Spells a text that is what it was up to where it has {@link #changed}, and may have grown.
   *
   * @param count of its tokens, all but an end
   * @param tokenwise whether each shared token stands as it was written, in as many as it takes; or
   *     else the text as the member itself would cut it
   * @return index of the first token that may be another than before; empty where the member cannot
   *     write the text
   */
  OptionalInt spell(SharedText text, int count, boolean tokenwise) {
    if (tokenwise && !asWritten) {
      spelt = 0;
    }
    asWritten = tokenwise;
    OptionalInt first = tokenwise ? write(text, count) : cut(text);
    spelt = count;
    return first;
  }

  private OptionalInt write(SharedText text, int count) {
    keep(within(text.length(spelt)));
    int first = size();
    for (int place = spelt; place < count; place++) {
      int from = length();
      // What it holds back is half a character.
      boolean whole = from == text.length(place);
      byte[] bytes = text.bytes(from, text.length(place + 1));
      Optional<int[]> its =
          (whole ? vocabulary.tokens(member, text.get(place)) : Optional.<int[]>empty())
              .or(() -> vocabulary.tokens(member, bytes));
      if (its.isEmpty() && Utf8.incompleteTail(bytes, bytes.length) == 0) {
        return OptionalInt.empty();
      }
      its.ifPresent(this::add);
    }
    return OptionalInt.of(first);
  }

  private OptionalInt cut(SharedText text) {
    byte[] tail = text.bytes(Math.max(0, text.length() - 3), text.length());
    int length = text.length() - Utf8.incompleteTail(tail, tail.length);
    int kept = Math.max(0, within(Math.min(text.length(spelt), length)) - CUT_AGAIN);
    while (kept > 0 && text.isWithinCharacter(spelt(kept))) {
      kept--;
    }
    keep(kept);
    byte[] rest = text.bytes(spelt(kept), length);
    Optional<int[]> its =
        rest.length == 0 ? Optional.of(new int[0]) : vocabulary.tokens(member, rest);
    its.ifPresent(this::add);
    return its.isPresent() ? OptionalInt.of(kept) : OptionalInt.empty();
  }

  /** Number of bytes of the first tokens. */
  private int spelt(int tokens) {
    return tokens == 0 ? 0 : ends.get(tokens - 1);
  }

  /** Number of tokens that end within the first bytes. */
  private int within(int length) {
    int before = ends.search(length);
    return before < 0 ? -before - 1 : before + 1;
  }

  private void keep(int tokens) {
    ids.cut(tokens);
    ends.cut(tokens);
  }

  private void add(int... added) {
    int end = length();
    for (int id : added) {
      end += own.bytes(id).length;
      ids.add(id);
      ends.add(end);
    }
  }
}
