package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Turn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A member on its way along a reference; it may look at any place of it. For one thread. */
final class ReferenceReader implements AutoCloseable {

  /** Of a special token other than the end: no text goes on so. */
  static final byte[] NO_TEXT = {(byte) 0xFF};

  private final String member;
  private final byte[] answer;
  private final Tokenizer tokenizer;
  private final DecodeSession session;
  private final int[] prompt;
  private final int[] tokens;
  // Where each of the tokens begins, and the last ends.
  private final int[] offsets;
  private final boolean fits;
  private final Map<Integer, byte[]> favourites = new HashMap<>();
  // What the session holds behind the prompt.
  private int[] read = {};

  /** At the beginning; its session is open until it is closed. */
  ReferenceReader(LanguageModel model, Reference reference, byte[] answer) {
    this.member = model.name();
    this.answer = answer;
    this.tokenizer = model.tokenizer();
    this.prompt = model.prompt(List.of(new Turn("user", reference.question())));
    // What a chat template leaves before it is text: no mark of a text's start comes between.
    Optional<int[]> spelt = tokenizer.encodeBehind(reference.answer());
    this.tokens = spelt.orElse(new int[0]);
    this.offsets = new int[tokens.length + 1];
    for (int i = 0; i < tokens.length; i++) {
      offsets[i + 1] = offsets[i] + tokenizer.bytes(tokens[i]).length;
    }
    this.session = model.open();
    this.fits =
        prompt.length > 0
            && prompt.length + tokens.length <= session.remaining()
            && (spelt.isPresent() || answer.length == 0);
    if (fits) {
      session.append(prompt);
    }
  }

  /** Whether question and answer fit its context, and its tokens spell the answer. */
  boolean fits() {
    return fits;
  }

  /** The answer in UTF-8; not to be written to. */
  byte[] answer() {
    return answer;
  }

  /** Number of its tokens of the answer. */
  int tokens() {
    return tokens.length;
  }

  /** Where the answer goes on with its token of this number; for the last one more, the end. */
  int offset(int token) {
    return offsets[token];
  }

  /** Whether no character goes across a place. */
  boolean isWhole(int offset) {
    // Bytes that go on with a character are 10xxxxxx.
    return offset == answer.length || (answer[offset] & 0xC0) != 0x80;
  }

  /** Whether the rest of the answer begins with a piece; the end goes on where nothing is left. */
  boolean goesOn(int offset, byte[] piece) {
    if (piece.length == 0) {
      return offset == answer.length;
    }
    return offset + piece.length <= answer.length
        && Arrays.equals(answer, offset, offset + piece.length, piece, 0, piece.length);
  }

  /**
   * What it would write at a place between two characters, whatever its own tokens there are; empty
   * for the end.
   */
  byte[] favourite(int offset) {
    return favourites.computeIfAbsent(offset, _ -> goTo(offset) ? favourite() : NO_TEXT);
  }

  private byte[] favourite() {
    int token = session.next().mostProbable();
    return tokenizer.isSpecial(token) && !tokenizer.isEnd(token) ? NO_TEXT : tokenizer.bytes(token);
  }

  /**
   * Its hidden state at a place where one of its tokens ends.
   *
   * @throws IllegalArgumentException as {@link HiddenStates#of}
   */
  float[] hidden(int offset, HiddenStates states) {
    goTo(offset);
    session.next();
    return states.of(member, session);
  }

  /**
   * Has the session hold the answer up to a place; false where its context has no room for it, or
   * its tokens do not spell it.
   */
  private boolean goTo(int offset) {
    int own = Arrays.binarySearch(offsets, offset);
    Optional<int[]> beginning =
        own >= 0
            ? Optional.of(Arrays.copyOf(tokens, own))
            : tokenizer.encodeBehind(new String(answer, 0, offset, StandardCharsets.UTF_8));
    if (beginning.isEmpty()
        || prompt.length + beginning.get().length > session.length() + session.remaining()) {
      return false;
    }
    int[] wanted = beginning.get();
    // Who cuts a shorter text into tokens mostly begins as before.
    int same = Arrays.mismatch(read, wanted);
    if (same >= 0) {
      if (same < read.length) {
        session.rewind(prompt.length + same);
      }
      session.append(Arrays.copyOfRange(wanted, same, wanted.length));
      read = wanted;
    }
    return true;
  }

  @Override
  public void close() {
    session.close();
  }
}
