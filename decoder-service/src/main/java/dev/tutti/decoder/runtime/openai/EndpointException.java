package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import java.time.Duration;

/** A call of an endpoint that failed. Never holds a key. */
public final class EndpointException extends RuntimeException {

  private final transient Failure failure;
  private final boolean passing;
  private final boolean unwell;
  private final boolean endpointsOwn;
  private final Duration rest;

  private EndpointException(
      Failure failure,
      boolean passing,
      boolean unwell,
      boolean endpointsOwn,
      Duration rest,
      Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
    this.passing = passing;
    this.unwell = unwell;
    this.endpointsOwn = endpointsOwn;
    this.rest = rest;
  }

  /** The endpoint is down, silent or broken: another try may do, and its health suffers. */
  static EndpointException unwell(Failure failure, Throwable cause) {
    return new EndpointException(failure, true, true, false, Duration.ZERO, cause);
  }

  /** The endpoint is well but has no room now. */
  static EndpointException busy(Failure failure, boolean unwell, Duration rest) {
    return new EndpointException(failure, true, unwell, false, rest, null);
  }

  /** Another try is of no use. */
  static EndpointException lasting(Failure failure) {
    return new EndpointException(failure, false, false, false, Duration.ZERO, null);
  }

  /** This endpoint will not do it, but another may. */
  static EndpointException own(Failure failure, boolean unwell) {
    return new EndpointException(failure, false, unwell, true, Duration.ZERO, null);
  }

  /** The same where there is another endpoint to try. */
  EndpointException elsewhere() {
    return new EndpointException(failure, true, unwell, true, rest, this);
  }

  /** The same after a part of the answer went out: no other try is allowed. */
  EndpointException afterText() {
    return new EndpointException(failure, false, unwell, false, rest, this);
  }

  /** What its caller is told. */
  public Failure failure() {
    return failure;
  }

  /** Whether another try, or another endpoint, may do better. */
  boolean passing() {
    return passing;
  }

  /** Whether it counts against the endpoint's health. */
  boolean unwell() {
    return unwell;
  }

  /** Whether it lies in what this one endpoint has or lets us do, not in the request. */
  boolean endpointsOwn() {
    return endpointsOwn;
  }

  /** How long the endpoint wants to be left alone; zero where it does not say. */
  Duration rest() {
    return rest;
  }
}
