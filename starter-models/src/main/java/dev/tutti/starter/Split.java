package dev.tutti.starter;

/** Decides by hash alone to which part of a task a question belongs. */
public final class Split {

  /** One question in this many is held out, where a task does not say otherwise. */
  public static final int HELD_OUT_ONE_IN = 20;

  private Split() {}

  /**
   * Whether the question with this key is held out.
   *
   * @param key the same for questions that give each other away (a+b and b+a)
   */
  public static boolean heldOut(long key) {
    return heldOut(key, HELD_OUT_ONE_IN);
  }

  /**
   * Whether the question with this key is held out.
   *
   * @param key the same for questions that give each other away
   * @param oneIn one question in so many is held out, at least 2
   */
  public static boolean heldOut(long key, int oneIn) {
    return Long.remainderUnsigned(mix(key), oneIn) == 0;
  }

  /** The key of a question that is known by its text. */
  public static long key(String text) {
    long key = 0;
    for (int i = 0; i < text.length(); i++) {
      key = mix(key + text.charAt(i));
    }
    return key;
  }

  /** The finaliser of SplitMix64: every bit of the key moves every bit of the result. */
  private static long mix(long key) {
    long z = key + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
