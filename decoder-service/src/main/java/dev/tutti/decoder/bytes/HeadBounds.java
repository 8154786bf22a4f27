package dev.tutti.decoder.bytes;

/**
 * How many ways to write a text a member follows; each costs a forward pass when it ends a token.
 *
 * @param most heads that are kept, at least 1
 * @param least share of the mass of all heads below which one is dropped; 0 for none, below 1
 */
public record HeadBounds(int most, double least) {

  /** All of them. */
  static final HeadBounds NONE = new HeadBounds(Integer.MAX_VALUE, 0);

  /** Refuses values out of their range. */
  public HeadBounds {
    if (most < 1 || !(least >= 0 && least < 1)) {
      throw new IllegalArgumentException(
          "most = %d, must be at least 1; least = %s, must be at least 0 and below 1"
              .formatted(most, least));
    }
  }
}
