package dev.tutti.registry.admin;

import dev.tutti.registry.Author;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.store.ServiceChange;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Lets a service do something, and notes in the audit log that it did. */
@ApplicationScoped
class Audited {

  private static final Logger LOG = Logger.getLogger(Audited.class);

  private final RegistryStore store;
  private final Counter unnoted;

  Audited(RegistryStore store, MeterRegistry meters) {
    this.store = store;
    this.unnoted =
        Counter.builder("tutti.registry.unnoted")
            .description("What was done and could not be noted in the audit log")
            .register(meters);
  }

  /**
   * Does it.
   *
   * @param work throws where it was not done; nothing is noted then
   * @param change what is noted of what came of it; empty where nothing changed
   */
  <T> T doing(Author author, Supplier<T> work, Function<T, Optional<ServiceChange>> change) {
    // What cannot be noted is not begun.
    store.revision();
    T done = work.get();
    change.apply(done).ifPresent(its -> note(its, author));
    return done;
  }

  /** It is done, whether it can be noted or not: what came of it is the answer. */
  private void note(ServiceChange change, Author author) {
    try {
      store.record(change, author);
    } catch (RuntimeException e) {
      unnoted.increment();
      LOG.errorf(e, "Not in the audit log: %s by %s", change, author.name());
    }
  }
}
