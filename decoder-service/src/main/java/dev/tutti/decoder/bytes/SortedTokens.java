package dev.tutti.decoder.bytes;

import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A vocabulary's tokens in the order of their bytes (unsigned), so that those that begin by the
 * same bytes are a range: a trie without nodes. Tokens without text are in no range. Immutable.
 */
final class SortedTokens {

  /** Tokens that begin by the same bytes: places {@code from} to {@code to} - 1 of the order. */
  record Range(int from, int to) {

    boolean isEmpty() {
      return from >= to;
    }
  }

  private static final int NOTHING = ByteSymbols.SIZE;

  private final int[] order;
  // All bytes in that order, one token behind the other, and where each begins.
  private final byte[] spelt;
  private final int[] begin;
  // By token: its first byte; END for what ends or interrupts text; NOTHING for what is empty.
  private final short[] first;
  private final int longest;

  SortedTokens(Vocabulary vocabulary) {
    first = new short[vocabulary.size()];
    for (int t = 0; t < first.length; t++) {
      boolean marker = vocabulary.isSpecial(t) || vocabulary.isEnd(t);
      byte[] bytes = marker ? new byte[0] : vocabulary.bytes(t);
      first[t] = (short) (marker ? ByteSymbols.END : bytes.length == 0 ? NOTHING : bytes[0] & 0xFF);
    }
    order =
        IntStream.range(0, first.length)
            .filter(t -> first[t] < ByteSymbols.END)
            .boxed()
            .sorted(Comparator.comparing(vocabulary::bytes, Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    begin = new int[order.length + 1];
    int most = 0;
    for (int i = 0; i < order.length; i++) {
      int length = vocabulary.bytes(order[i]).length;
      begin[i + 1] = begin[i] + length;
      most = Math.max(most, length);
    }
    longest = most;
    spelt = new byte[begin[order.length]];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(vocabulary.bytes(order[i]), 0, spelt, begin[i], begin[i + 1] - begin[i]);
    }
  }

  /** Bytes of the longest token. */
  int longest() {
    return longest;
  }

  /** All tokens that have text. */
  Range all() {
    return new Range(0, order.length);
  }

  /** The token in a place of the order. */
  int token(int place) {
    return order[place];
  }

  /**
   * The tokens of a range that go on with a byte.
   *
   * @param range tokens that share their first {@code depth} bytes
   */
  Range narrow(Range range, int depth, int next) {
    int from = lowest(range, depth, next);
    return new Range(from, lowest(new Range(from, range.to()), depth, next + 1));
  }

  /** The first place whose byte at {@code depth} is at least {@code next}; none counts as -1. */
  private int lowest(Range range, int depth, int next) {
    int low = range.from();
    int high = range.to();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle, depth) < next) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int at(int place, int depth) {
    int at = begin[place] + depth;
    return at < begin[place + 1] ? spelt[at] & 0xFF : -1;
  }

  /** The tokens of a range that are longer than the bytes that they share. */
  Range longer(Range range, int depth) {
    int from = range.from();
    while (from < range.to() && begin[from + 1] - begin[from] == depth) {
      from++;
    }
    return new Range(from, range.to());
  }

  /** Sum of the probabilities of a range. */
  double mass(Range range, double[] probabilities) {
    double mass = 0;
    for (int i = range.from(); i < range.to(); i++) {
      mass += probabilities[order[i]];
    }
    return mass;
  }

  /**
   * Adds what a range's tokens say of the byte behind those that they share. Sums are taken
   * directly: differences of prefix sums would drown what is improbable in the rounding of what is
   * not, and the answer may go on with just that.
   *
   * @param range tokens of more than {@code depth} bytes
   * @param symbols one a symbol, added to
   */
  void addNext(Range range, int depth, double weight, double[] probabilities, double[] symbols) {
    for (int i = range.from(); i < range.to(); i++) {
      symbols[spelt[begin[i] + depth] & 0xFF] += weight * probabilities[order[i]];
    }
  }

  /** The same over all tokens where nothing is shared yet; what ends text speaks for the end. */
  void addFirst(double weight, double[] probabilities, double[] symbols) {
    // Two sums in turns: many tokens begin by the same byte, and one sum would wait for itself.
    var even = new double[ByteSymbols.SIZE + 1];
    var odd = new double[ByteSymbols.SIZE + 1];
    int t = 0;
    for (; t + 1 < first.length; t += 2) {
      even[first[t]] += probabilities[t];
      odd[first[t + 1]] += probabilities[t + 1];
    }
    if (t < first.length) {
      even[first[t]] += probabilities[t];
    }
    for (int s = 0; s < symbols.length; s++) {
      symbols[s] += weight * (even[s] + odd[s]);
    }
  }
}
