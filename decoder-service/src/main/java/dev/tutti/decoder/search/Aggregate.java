package dev.tutti.decoder.search;

/** How the rewards of an answer's steps make its value. */
public enum Aggregate {
  /** That of the last step, where a reward judges all that came before. */
  LAST,
  /** The least: an answer is as good as its weakest step. */
  MIN,
  /** The product. */
  PRODUCT;

  /** The value of an answer that was worth {@code before} and got a step of this reward. */
  double value(double before, double reward) {
    return switch (this) {
      case LAST -> reward;
      case MIN -> Math.min(before, reward);
      case PRODUCT -> before * reward;
    };
  }
}
