package dev.tutti.decoder.sampling;

/** All that could come next is banned by the request. */
public final class NothingLeftException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NothingLeftException() {
    super("logit_bias bans all that could come next, and the end.");
  }
}
