package dev.tutti.decoder.method.token;

import java.util.Arrays;

/**
 * The pieces of one vocabulary in another one by the least edit distance (MinED: Fu et al. 2023;
 * Wan et al. 2024): a piece is itself where the other has it, else the one with the fewest bytes
 * inserted, deleted or replaced. Of several it is the one that shares the longest beginning, then
 * the first in the order of bytes. Not thread-safe.
 */
final class NearestPieces {

  private final byte[][] pieces;

  // Bytes that each piece shares with the one before it.
  private final int[] shared;

  // Edit distances between the beginnings of a piece, and of the one that is looked for.
  private final int[][] distances;

  /**
   * Among these.
   *
   * @param pieces in the order of their bytes (unsigned), each once, none empty; at least one
   */
  NearestPieces(byte[][] pieces) {
    this.pieces = pieces;
    this.shared = new int[pieces.length];
    int longest = 0;
    for (int i = 0; i < pieces.length; i++) {
      shared[i] = i == 0 ? 0 : sharedBeginning(pieces[i - 1], pieces[i]);
      longest = Math.max(longest, pieces[i].length);
    }
    this.distances = new int[longest + 1][0];
  }

  private static int sharedBeginning(byte[] a, byte[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  /**
   * Index of the piece that is nearest to a text. Pieces with a beginning in common are compared
   * once up to there, and passed over where it is too far already.
   */
  int nearest(byte[] text) {
    int found = Arrays.binarySearch(pieces, text, Arrays::compareUnsigned);
    if (found >= 0) {
      return found;
    }
    makeRoom(text.length + 1);
    // Neighbours in the order of bytes are no bad ones to begin with.
    int first = -found - 1;
    int best = -1;
    int least = Integer.MAX_VALUE;
    int tooFar = Integer.MAX_VALUE;
    int known = 0;
    for (int k = 0; k < pieces.length; k++) {
      int i = (first + k) % pieces.length;
      known = k == 0 ? 0 : Math.min(known, shared[i]);
      if (shared[i] >= tooFar && k > 0) {
        continue;
      }
      tooFar = Integer.MAX_VALUE;
      if (Math.abs(pieces[i].length - text.length) <= least) {
        int depth = compare(i, known, text, least);
        known = Math.min(depth, pieces[i].length);
        if (depth <= pieces[i].length) {
          tooFar = depth;
        } else if (better(i, best, least, text)) {
          best = i;
          least = distances[pieces[i].length][text.length];
        }
      }
    }
    return best;
  }

  private void makeRoom(int width) {
    if (distances[0].length < width) {
      for (int depth = 0; depth < distances.length; depth++) {
        distances[depth] = new int[width];
        distances[depth][0] = depth;
      }
      for (int j = 0; j < width; j++) {
        distances[0][j] = j;
      }
    }
  }

  /** Whether a piece is nearer than the best one so far, if any, or as near and to be preferred. */
  private boolean better(int piece, int best, int least, byte[] text) {
    int distance = distances[pieces[piece].length][text.length];
    if (distance != least) {
      return distance < least;
    }
    int beginning = sharedBeginning(pieces[piece], text);
    int bestBeginning = sharedBeginning(pieces[best], text);
    return beginning != bestBeginning ? beginning > bestBeginning : piece < best;
  }

  /**
   * Fills in the distances of a piece from a depth on.
   *
   * @return the depth at which all distances are above the least; beyond the piece's length where
   *     there is none
   */
  private int compare(int piece, int known, byte[] text, int least) {
    byte[] bytes = pieces[piece];
    for (int depth = known + 1; depth <= bytes.length; depth++) {
      int[] before = distances[depth - 1];
      int[] row = distances[depth];
      int nearest = row[0];
      for (int j = 1; j <= text.length; j++) {
        int replaced = before[j - 1] + (bytes[depth - 1] == text[j - 1] ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
        nearest = Math.min(nearest, row[j]);
      }
      if (nearest > least) {
        return depth;
      }
    }
    return bytes.length + 1;
  }
}
