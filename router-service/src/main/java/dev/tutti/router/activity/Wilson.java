package dev.tutti.router.activity;

/**
 * Wilson's 95 % interval of a share (Wilson 1927), taken for the mean of ratings between 0 and 1 as
 * if each were 0 or 1: that has the most variance, so it is too wide rather than too narrow.
 *
 * @param ratings how many; at least 1
 * @param mean of them
 * @param low in [0, 1]
 * @param high in [0, 1]
 */
public record Wilson(long ratings, double mean, double low, double high) {

  /** Standard errors on either side of 95 %. */
  static final double Z = 1.959963984540054;

  /** Of so many ratings with this sum. */
  static Wilson of(long ratings, double sum) {
    double mean = Math.clamp(sum / ratings, 0, 1);
    double z2 = Z * Z / ratings;
    double middle = (mean + z2 / 2) / (1 + z2);
    double half = Z * Math.sqrt(mean * (1 - mean) / ratings + z2 / (4 * ratings)) / (1 + z2);
    return new Wilson(
        ratings, mean, Math.clamp(middle - half, 0, mean), Math.clamp(middle + half, mean, 1));
  }
}
