package dev.tutti.decoder.sampling;

import dev.tutti.decoder.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/** The tokens of a vocabulary by what they spell; ends and other special ones spell nothing. */
final class Spellings {

  private static final int[] NONE = {};
  // They do not hold their vocabulary, so they go with it.
  private static final Map<Vocabulary, Spellings> ALL = new WeakHashMap<>();

  // By the bytes, each a character (Latin-1).
  private final Map<String, int[]> tokens = new HashMap<>();
  private final int longest;

  private Spellings(Vocabulary vocabulary) {
    int most = 0;
    for (int t = 0; t < vocabulary.size(); t++) {
      if (!vocabulary.isSpecial(t) && !vocabulary.isEnd(t)) {
        int[] own = {t};
        String piece = new String(vocabulary.bytes(t), StandardCharsets.ISO_8859_1);
        tokens.merge(piece, own, Spellings::both);
        most = Math.max(most, piece.length());
      }
    }
    longest = most;
  }

  private static int[] both(int[] some, int[] other) {
    int[] all = Arrays.copyOf(some, some.length + 1);
    all[some.length] = other[0];
    return all;
  }

  /** Those of this vocabulary that another answer made, or new ones. */
  static Spellings of(Vocabulary vocabulary) {
    synchronized (ALL) {
      Spellings known = ALL.get(vocabulary);
      if (known != null) {
        return known;
      }
    }
    var made = new Spellings(vocabulary);
    synchronized (ALL) {
      Spellings before = ALL.putIfAbsent(vocabulary, made);
      return before == null ? made : before;
    }
  }

  /** All tokens that spell a piece, ascending; none where it is no piece. */
  int[] tokens(String piece) {
    return tokens.getOrDefault(piece, NONE);
  }

  /** Bytes of the longest piece. */
  int longest() {
    return longest;
  }
}
