package dev.tutti.cascade.method.routing;

import dev.tutti.learning.Parameters;

/** Plans by what cost is worth. Immutable. */
sealed interface RoutingPlans permits Supermodels, LookAhead {

  /**
   * The plan at one price.
   *
   * @param lambda quality that a unit of cost is worth; at least 0
   */
  RoutingPlan at(float lambda);

  /** The parameters, and these. */
  Parameters with(Parameters kept);
}
