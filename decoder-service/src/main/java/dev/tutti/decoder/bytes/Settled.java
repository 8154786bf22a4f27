package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens by which every way to write a text begins. A longer text has at least those of its
 * beginnings, so only what is behind them is ever cut again. Confined to one thread at a time.
 */
final class Settled {

  /** Bytes that are taken in at once. */
  private static final int STRIDE = 64;

  private final TokenCuts cuts;
  // By their lengths.
  private final List<Mark> marks = new ArrayList<>(List.of(new Mark(0, Path.START)));

  /** What was settled when a text was so long. */
  private record Mark(int length, Path path) {}

  /** Of the empty text. */
  Settled(TokenCuts cuts) {
    this.cuts = cuts;
  }

  /** The same of the same text. */
  Settled fork() {
    var copy = new Settled(cuts);
    copy.marks.clear();
    copy.marks.addAll(marks);
    return copy;
  }

  /** The text is cut off. */
  void rewind(int length) {
    while (marks.getLast().length() > length) {
      marks.removeLast();
    }
  }

  /** What was settled last. */
  Path last() {
    return marks.getLast().path();
  }

  /** All of a text in tokens; empty where it cannot be written. */
  Optional<Path> tokens(byte[] text) {
    for (int length = marks.getLast().length() + STRIDE; length < text.length; length += STRIDE) {
      if (settle(text, length).isEmpty()) {
        return Optional.empty();
      }
    }
    return cuts.tokens(text, text.length, last());
  }

  /**
   * What is settled of a text that goes on from the one before; empty where it cannot be written.
   */
  Optional<Path> of(byte[] text) {
    return tokens(text).flatMap(_ -> settle(text, text.length));
  }

  private Optional<Path> settle(byte[] text, int length) {
    Optional<Path> settled = find(text, length, new HashMap<>());
    if (settled.isPresent() && length > marks.getLast().length()) {
      marks.add(new Mark(length, settled.get()));
    }
    return settled;
  }

  /** What all cuts of its beginnings share whose rest a longer token may take up. */
  private Optional<Path> find(byte[] text, int length, Map<Integer, Path> found) {
    if (length <= marks.getLast().length()) {
      return Optional.of(upTo(length));
    }
    int whole = length - Utf8.incompleteTail(text, length);
    Optional<Path> all = cuts.tokens(text, whole, last());
    if (all.isEmpty()) {
      return all;
    }
    Path shared = all.get();
    for (int from = Math.max(0, length - cuts.sorted().longest()); from < whole; from++) {
      if (cuts.spans(text, from, whole, length)) {
        shared = Path.common(shared, before(text, from, shared, found));
      }
    }
    return Optional.of(shared);
  }

  private Path before(byte[] text, int from, Path likely, Map<Integer, Path> found) {
    // What ends within a character is cut in more than one way itself.
    if ((text[from] & 0xC0) != 0x80) {
      return cuts.tokens(text, from, likely).orElse(upTo(from));
    }
    Path known = found.get(from);
    if (known == null) {
      known = find(text, from, found).orElse(upTo(from));
      found.put(from, known);
    }
    return known;
  }

  private Path upTo(int length) {
    int at = marks.size() - 1;
    while (marks.get(at).length() > length) {
      at--;
    }
    return marks.get(at).path();
  }
}
