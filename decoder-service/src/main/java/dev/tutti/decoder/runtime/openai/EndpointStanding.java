package dev.tutti.decoder.runtime.openai;

import java.time.Duration;

/**
 * How an endpoint stands, as far as its calls told.
 *
 * @param model that it serves
 * @param place among the model's endpoints, from 1
 * @param failing whether it failed too often and is left alone for now
 * @param leftAlone how long still; zero where it may be called
 * @param calls that wait or run
 */
public record EndpointStanding(
    String model, int place, boolean failing, Duration leftAlone, int calls) {

  static EndpointStanding of(String model, int place, Endpoint endpoint) {
    return new EndpointStanding(
        model, place, endpoint.isOpen(), endpoint.away(), endpoint.outstanding());
  }

  /** Whether it is left alone. */
  public boolean isAway() {
    return failing || leftAlone.isPositive();
  }
}
