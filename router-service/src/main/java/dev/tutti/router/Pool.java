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
   * @param weight prior weight, above 0 and finite; only ratios count
   */
  public record Member(String name, double weight) {

    /** Checks the weight. */
    public Member {
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "The weight of %s is %s; it must be above 0 and finite.".formatted(name, weight));
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
