package dev.tutti.registry.neighbour;

import dev.tutti.method.v1.MethodDescription;
import java.util.List;

/**
 * The methods of all services that could be asked.
 *
 * @param methods by name
 * @param unavailable the services that could not be asked, and why
 */
public record MethodListing(List<Offer> methods, List<Missing> unavailable) {

  /**
   * A method.
   *
   * @param service that has it, e.g. "fusion-service"
   * @param method what it is
   */
  public record Offer(String service, MethodDescription method) {}

  /**
   * A service that could not be asked.
   *
   * @param service its name
   * @param reason why
   */
  public record Missing(String service, String reason) {}
}
