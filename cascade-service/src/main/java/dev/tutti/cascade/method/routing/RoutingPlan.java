package dev.tutti.cascade.method.routing;

/**
 * Whom to ask next, at one price of cost. A set of members is a number whose bit m says whether
 * member m is in it. Immutable.
 */
interface RoutingPlan {

  /** Nobody is asked any more. */
  int STOP = -1;

  /**
   * The next member.
   *
   * @param exAnte how good each answer would be, by the question alone; in [0, 1]
   * @param quality the same by what has answered
   * @param answered the set that has answered
   * @param available who could be asked
   * @return one of the available; {@link #STOP} only where somebody has answered, or nobody is
   *     available
   */
  int next(double[] exAnte, double[] quality, int answered, int available);
}
