package dev.tutti.decoder;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A tokenizer's pieces by their bytes. Tokens that spell the same bytes are one piece, and so are
 * all end tokens; other special tokens are none. Thread-safe; how it has cut pieces is kept, within
 * bounds.
 */
public final class PieceIndex {

  /**
   * Most pieces that no token spells of which it is kept how they are cut, and their most bytes.
   */
  private static final int MOST_KEPT = 1 << 16;

  private static final int LONGEST_KEPT = 64;

  private final Tokenizer tokenizer;
  // By the piece's bytes, each as a character (Latin-1); the least token that spells it.
  private final Map<String, Integer> tokenOf = new HashMap<>();
  // By token: the least token of the same piece, -1 for none.
  private final int[] piece;
  // By the least token of a piece that several tokens spell: all of them, in their order.
  private final Map<Integer, int[]> spelled = new HashMap<>();
  private final int end;
  private final Map<String, Optional<int[]>> kept = new ConcurrentHashMap<>();

  /** Of this tokenizer; one without tokens has no pieces. */
  public PieceIndex(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.piece = new int[tokenizer.size()];
    int firstEnd = -1;
    for (int t = 0; t < piece.length; t++) {
      if (tokenizer.isEnd(t)) {
        firstEnd = firstEnd < 0 ? t : firstEnd;
        piece[t] = firstEnd;
      } else if (tokenizer.isSpecial(t) || tokenizer.bytes(t).length == 0) {
        piece[t] = -1;
      } else {
        Integer first = tokenOf.putIfAbsent(spelling(tokenizer.bytes(t)), t);
        piece[t] = first == null ? t : first;
      }
    }
    end = firstEnd;
    for (int t = 0; t < piece.length; t++) {
      if (piece[t] >= 0 && piece[t] != t) {
        int[] before = spelled.getOrDefault(piece[t], new int[] {piece[t]});
        int[] all = Arrays.copyOf(before, before.length + 1);
        all[before.length] = t;
        spelled.put(piece[t], all);
      }
    }
  }

  /** Bytes as a key that sorts as they do, unsigned. */
  static String spelling(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Bytes of a piece; empty for the end. */
  byte[] bytes(int token) {
    return token == end ? new byte[0] : tokenizer.bytes(token);
  }

  /** Probability of a piece, which is that of all tokens that spell it. */
  double probability(double[] probabilities, int token) {
    int[] alike = spelled.get(token);
    if (alike == null) {
      return probabilities[token];
    }
    double sum = 0;
    for (int t : alike) {
      sum += probabilities[t];
    }
    return sum;
  }

  /**
   * The {@code k} most probable pieces, best first; of equal ones the lower token first.
   *
   * @param k at least 1; may be above the number of pieces
   */
  int[] top(double[] probabilities, int k) {
    var top = new TopTokens(Math.min(k, Math.max(1, piece.length)));
    int all = piece.length;
    for (int t = TopTokens.next(probabilities, 0, all, top.least());
        t < all;
        t = TopTokens.next(probabilities, t + 1, all, top.least())) {
      if (piece[t] == t && !spelled.containsKey(t)) {
        top.offer(t, probabilities[t]);
      }
    }
    spelled.keySet().forEach(t -> top.offer(t, probability(probabilities, t)));
    return top.sorted();
  }

  /**
   * The token by which a piece begins: its own, or the first of those that it is cut into.
   *
   * @param bytes empty for the end
   * @return -1 where there is none
   */
  int first(byte[] bytes) {
    if (bytes.length == 0) {
      return end;
    }
    return tokens(bytes).map(ids -> piece[ids[0]]).orElse(-1);
  }

  /**
   * A text in tokens: the one that spells it, or it is cut behind a neutral prefix (so that no
   * space is put before it), or byte by byte.
   *
   * @return empty where it cannot be written, mostly because it is not whole characters; shared,
   *     not to be written to
   */
  public Optional<int[]> tokens(byte[] bytes) {
    String spelling = spelling(bytes);
    Integer own = tokenOf.get(spelling);
    if (own != null) {
      return Optional.of(new int[] {own});
    }
    if (bytes.length > LONGEST_KEPT) {
      return cut(bytes);
    }
    if (kept.size() >= MOST_KEPT) {
      kept.clear();
    }
    return kept.computeIfAbsent(spelling, _ -> cut(bytes));
  }

  private Optional<int[]> cut(byte[] bytes) {
    if (Utf8.isText(bytes)) {
      Optional<int[]> ids = tokenizer.encodeBehind(new String(bytes, StandardCharsets.UTF_8));
      if (ids.isPresent()) {
        return ids;
      }
    }
    var ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      Integer one = tokenOf.get(spelling(new byte[] {bytes[i]}));
      if (one == null) {
        return Optional.empty();
      }
      ids[i] = one;
    }
    return ids.length == 0 ? Optional.empty() : Optional.of(ids);
  }
}
