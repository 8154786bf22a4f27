package dev.tutti.router.activity;

/**
 * An Elo rating and how sure it is.
 *
 * <p>A comparison of {@code a} and {@code b} with outcome {@code S} (1 {@code a} is better, 0.5 a
 * tie, 0 {@code b} is better) moves, as in Eagle (arXiv:2409.15518),
 *
 * <pre>
 * E = 1 / (1 + 10^((R_b - R_a) / 400))     R_a += K (S - E)     R_b -= K (S - E)
 * </pre>
 *
 * <p>with {@code K} = 32, from 1,000 on. The error of a rating goes through the same step,
 * linearised: with the slope {@code w = dE/dR_a = ln 10 / 400 E (1 - E)} and an outcome of variance
 * {@code E (1 - E)} (the most that one between 0 and 1 can have),
 *
 * <pre>
 * V_a = (1 - K w)^2 V_a + (K w)^2 V_b + K^2 E (1 - E)     V_b alike
 * </pre>
 *
 * <p>as if errors of two members were independent. {@code V} begins at 350 squared, the deviation
 * of an unrated player in Glicko (Glickman 1999), and settles where forgetting and noise are even:
 * at 53 points for members of about equal strength, since {@code K} stays.
 *
 * @param points {@code R}
 * @param variance {@code V}
 */
record EloRating(double points, double variance) {

  /** Of whom nobody said anything; and, with no variance, of the par that answers are rated by. */
  static final EloRating NEW = new EloRating(1_000, 350 * 350);

  /** What an answer is compared with that is rated by itself. */
  static final EloRating PAR = new EloRating(1_000, 0);

  private static final double K = 32;
  private static final double SPREAD = 400;

  /** After a comparison with another one, which itself moves by {@code 1 - outcome}. */
  EloRating compared(EloRating other, double outcome) {
    double expected = 1 / (1 + StrictMath.pow(10, (other.points - points) / SPREAD));
    double noise = expected * (1 - expected);
    double gain = K * StrictMath.log(10) / SPREAD * noise;
    return new EloRating(
        points + K * (outcome - expected),
        (1 - gain) * (1 - gain) * variance + gain * gain * other.variance + K * K * noise);
  }
}
