package dev.tutti.decoder.search;

/** What a step is worth. */
public enum Reward {
  /**
   * What the judge says behind it: the probability that all is right so far. Without a judge as
   * {@link #LIKELIHOOD}.
   */
  VERDICT,
  /**
   * The probability of its least probable token to the judge; without one the mean of that over
   * those who write.
   */
  LIKELIHOOD,
  /** The verdict times the mean likelihood of those who write. */
  BOTH
}
