package dev.tutti.router;

import java.util.HashSet;
import java.util.List;

/**
 * Those who could answer now, in the order of the registration. Members that are known to be
 * unavailable are left out before a router sees the pool.
 *
 * @param members at least one, no name twice
 */
public record Pool(List<Member> members) {

  /**
   * One member.
   *
   * @param name unique in the pool
   * @param as the name by which recorded outcomes, and what was fitted to them, know it
   * @param weight prior weight, above 0 and finite; only ratios count
   * @param usd what it would cost, in US dollars, to have it answer this query; 0 for a free one
   * @param seconds how long it is expected to take; 0 where that is unknown
   */
  public record Member(String name, String as, double weight, double usd, double seconds) {

    /** A member that is known by its own name. */
    public Member(String name, double weight, double usd, double seconds) {
      this(name, name, weight, usd, seconds);
    }

    /** A member whose cost and speed do not matter. */
    public Member(String name, double weight) {
      this(name, name, weight, 0, 0);
    }

    /** Checks the numbers. */
    public Member {
      requireAmount(name, "cost in US dollars", usd);
      requireAmount(name, "time in seconds", seconds);
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "The weight of %s is %s; it must be above 0 and finite.".formatted(name, weight));
      }
    }

    private static void requireAmount(String name, String what, double amount) {
      if (!(amount >= 0) || Double.isInfinite(amount)) {
        throw new IllegalArgumentException(
            "The %s of %s is %s; it must be finite and not below 0.".formatted(what, name, amount));
      }
    }
  }

  /** Checks that there is somebody, and nobody twice. */
  public Pool {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("A pool has at least one member.");
    }
    var names = new HashSet<String>();
    for (Member member : members) {
      if (!names.add(member.name())) {
        throw new IllegalArgumentException("%s is in the pool twice.".formatted(member.name()));
      }
    }
  }
}
