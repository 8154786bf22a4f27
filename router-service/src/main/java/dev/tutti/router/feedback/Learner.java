package dev.tutti.router.feedback;

import dev.tutti.router.Observing;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import java.util.List;

/**
 * A routing ensemble that learns, as the registry knows it.
 *
 * @param ensemble its name
 * @param version of its registration
 * @param method its method
 * @param observing its router
 */
record Learner(String ensemble, long version, String method, Observing observing) {

  /** All that are served, as far as the registry is known. */
  static List<Learner> known(KnownNames names) {
    return names.directory().map(Learner::of).orElse(List.of());
  }

  /** All that are served. */
  static List<Learner> of(Directory directory) {
    return directory.served().stream()
        .filter(e -> e instanceof Entry.Routed routed && routed.router() instanceof Observing)
        .map(Entry.Routed.class::cast)
        .map(
            e -> new Learner(e.name(), e.version(), e.recipe().getMethod(), (Observing) e.router()))
        .toList();
  }
}
