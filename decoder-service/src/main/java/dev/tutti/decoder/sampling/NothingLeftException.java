package dev.tutti.decoder.sampling;

/** All that could come next is banned by the request. */
public final class NothingLeftException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * One.
   *
   * @param end whether the end is among what is banned, or no token of the step at all
   */
  NothingLeftException(boolean end) {
    super(
        end
            ? "logit_bias bans all that could come next, and the end."
            : "logit_bias bans all pieces that the members looked at in a step, of which none was the end.");
  }
}
