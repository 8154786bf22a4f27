package dev.tutti.cascade.method.routing;

/**
 * Who may be asked after whom. Immutable.
 *
 * @param usd what an answer costs, by member
 * @param free whether anybody may be; else whoever is dearer than all that have answered, a
 *     cascade, which may leave members out
 */
record RoutingOrder(double[] usd, boolean free) {

  /** Whether a member may be asked when a set has answered; of equal costs the first is cheaper. */
  boolean mayFollow(int answered, int member) {
    if ((answered >> member & 1) == 1) {
      return false;
    }
    for (int m = 0; !free && m < usd.length; m++) {
      boolean isDearer = usd[m] > usd[member] || usd[m] == usd[member] && m > member;
      if ((answered >> m & 1) == 1 && isDearer) {
        return false;
      }
    }
    return true;
  }
}
