package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import java.time.Duration;

/** A call of an endpoint that failed. Never holds a key. */
public final class EndpointException extends RuntimeException {

  private final transient Failure failure;
  private final transient Failure registrants;
  private final boolean passing;
  private final boolean unwell;
  private final boolean endpointsOwn;
  private final boolean begun;
  private final Duration rest;

  private EndpointException(
      Failure failure,
      boolean passing,
      boolean unwell,
      boolean endpointsOwn,
      boolean begun,
      Duration rest,
      Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
    this.registrants = failure;
    this.passing = passing;
    this.unwell = unwell;
    this.endpointsOwn = endpointsOwn;
    this.begun = begun;
    this.rest = rest;
  }

  private EndpointException(EndpointException e, Failure told) {
    super(told.message(), e);
    this.failure = told;
    this.registrants = e.registrants;
    this.passing = e.passing;
    this.unwell = e.unwell;
    this.endpointsOwn = e.endpointsOwn;
    this.begun = e.begun;
    this.rest = e.rest;
  }

  /** The endpoint is down, silent or broken: another try may do, and its health suffers. */
  static EndpointException unwell(Failure failure, Throwable cause) {
    return new EndpointException(failure, true, true, false, false, Duration.ZERO, cause);
  }

  /** The endpoint is well but has no room now. */
  static EndpointException busy(Failure failure, boolean unwell, Duration rest) {
    return new EndpointException(failure, true, unwell, false, false, rest, null);
  }

  /** Another try is of no use. */
  static EndpointException lasting(Failure failure) {
    return new EndpointException(failure, false, false, false, false, Duration.ZERO, null);
  }

  /** This endpoint will not do it, but another may. */
  static EndpointException own(Failure failure, boolean unwell) {
    return new EndpointException(failure, false, unwell, true, false, Duration.ZERO, null);
  }

  /** The same where there is another endpoint to try. */
  EndpointException elsewhere() {
    return new EndpointException(failure, true, unwell, true, begun, rest, this);
  }

  /**
   * The same of an endpoint that had begun to answer, or may be at work: what it was sent is not
   * sent again, since it bills what it did.
   */
  EndpointException begun() {
    return begun
        ? this
        : new EndpointException(failure, passing, unwell, endpointsOwn, true, rest, this);
  }

  /**
   * The same with other words for callers, who are not to know what whoever registers a model may.
   */
  EndpointException toldAs(Failure told) {
    return new EndpointException(this, told);
  }

  /** What its caller is told: never where the endpoint is. */
  public Failure failure() {
    return failure;
  }

  /** What whoever registers the model is told, who knows where it is. */
  Failure registrants() {
    return registrants;
  }

  /** Whether it may be over soon, so that another try, or another endpoint, may do better. */
  boolean passing() {
    return passing;
  }

  /** Whether the call may be made again by itself. */
  boolean allowsAnother() {
    return passing && !begun;
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
