package dev.tutti.registry;

import dev.tutti.registry.v1.Lifecycle;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The way through a life: draft, active, deprecated (and back), retired. */
public final class Lifecycles {

  private Lifecycles() {}

  /** Where an entry may go from here. */
  public static Set<Lifecycle> next(Lifecycle from) {
    return switch (from) {
      case LIFECYCLE_DRAFT -> Set.of(Lifecycle.LIFECYCLE_ACTIVE);
      case LIFECYCLE_ACTIVE -> Set.of(Lifecycle.LIFECYCLE_DEPRECATED, Lifecycle.LIFECYCLE_RETIRED);
      case LIFECYCLE_DEPRECATED -> Set.of(Lifecycle.LIFECYCLE_ACTIVE, Lifecycle.LIFECYCLE_RETIRED);
      case LIFECYCLE_RETIRED, LIFECYCLE_UNSPECIFIED, UNRECOGNIZED -> Set.of();
    };
  }

  /**
   * Refuses a way that there is not.
   *
   * @throws RefusedException {@link Refusal.WrongLifecycle} that names what is allowed
   */
  static void requireStep(Entry entry, Lifecycle to) {
    Set<Lifecycle> allowed = next(entry.lifecycle());
    if (!allowed.contains(to)) {
      String ways =
          allowed.isEmpty()
              ? "nothing follows"
              : "it may become "
                  + new TreeSet<>(allowed)
                      .stream().map(ContractEnums::word).collect(Collectors.joining(" or "));
      throw new Refusal.WrongLifecycle(
              "'%s' is %s and cannot become %s; %s."
                  .formatted(
                      entry.name(),
                      ContractEnums.word(entry.lifecycle()),
                      ContractEnums.word(to),
                      ways))
          .exception();
    }
  }
}
