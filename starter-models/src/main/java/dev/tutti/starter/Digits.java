package dev.tutti.starter;

import java.util.random.RandomGenerator;

/** Numbers as the tasks draw them, and digits as steps spoil them. */
final class Digits {

  private Digits() {}

  /** A number of two or of three digits, with equal chance. */
  static int twoOrThree(RandomGenerator random) {
    return random.nextBoolean() ? random.nextInt(10, 100) : random.nextInt(100, 1000);
  }

  /** Digits with one of them made another. */
  static String changed(String digits, RandomGenerator random) {
    int place = random.nextInt(digits.length());
    int digit = (digits.charAt(place) - '0' + random.nextInt(1, 10)) % 10;
    return digits.substring(0, place) + digit + digits.substring(place + 1);
  }

  /** Digits with one more among them, or before or behind them. */
  static String more(String digits, RandomGenerator random) {
    int place = random.nextInt(digits.length() + 1);
    return digits.substring(0, place) + random.nextInt(10) + digits.substring(place);
  }

  /** Digits without one of them; the last one stays. */
  static String fewer(String digits, RandomGenerator random) {
    int place = random.nextInt(digits.length());
    return digits.length() == 1 ? digits : digits.substring(0, place) + digits.substring(place + 1);
  }
}
