package dev.tutti.starter;

import java.util.random.RandomGenerator;

/** Numbers as the tasks draw and spoil them. */
final class Digits {

  private Digits() {}

  /** A number of two or of three digits, with equal chance. */
  static int twoOrThree(RandomGenerator random) {
    return random.nextBoolean() ? random.nextInt(10, 100) : random.nextInt(100, 1000);
  }

  /** The text with one of its digits, not a leading one where there are others, made another. */
  static String changed(String text, RandomGenerator random) {
    int[] at =
        java.util.stream.IntStream.range(0, text.length())
            .filter(i -> Character.isDigit(text.charAt(i)))
            .toArray();
    if (at.length == 0) {
      throw new IllegalArgumentException("no digit in " + text);
    }
    int place = at[at.length == 1 ? 0 : random.nextInt(1, at.length)];
    int digit = (text.charAt(place) - '0' + random.nextInt(1, 10)) % 10;
    return text.substring(0, place) + digit + text.substring(place + 1);
  }
}
