package dev.tutti.decoder.search;

import java.util.Arrays;

/**
 * What a step changes in a member's tokens of an answer: the last ones may be cut anew with it. A
 * tree keeps one a node and member, so it holds no more than that.
 *
 * @param kept how many of the tokens before the step stay, from the first on
 * @param added tokens that follow them
 */
record Cut(int kept, int[] added) {

  /** Between the tokens of two answers. */
  static Cut of(int[] before, int[] after) {
    int same = Arrays.mismatch(before, after);
    int kept = same < 0 ? before.length : same;
    return new Cut(kept, Arrays.copyOfRange(after, kept, after.length));
  }

  /** The tokens after the step, from those before it. */
  int[] behind(int[] before) {
    int[] after = Arrays.copyOf(before, kept + added.length);
    System.arraycopy(added, 0, after, kept, added.length);
    return after;
  }
}
