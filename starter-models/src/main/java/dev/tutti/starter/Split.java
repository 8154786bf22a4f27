package dev.tutti.starter;

/** Decides by hash alone to which part of a task a question belongs. */
public final class Split {

  /** One question in this many is held out. */
  public static final int HELD_OUT_ONE_IN = 20;

  private Split() {}

  /**
   * Whether the question with this key is held out.
   *
   * @param key the same for questions that give each other away (a+b and b+a)
   */
  public static boolean heldOut(long key) {
    return Long.remainderUnsigned(mix(key), HELD_OUT_ONE_IN) == 0;
  }

  /** The finaliser of SplitMix64: every bit of the key moves every bit of the result. */
  private static long mix(long key) {
    long z = key + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
