package dev.tutti.registry.admin;

import dev.tutti.registry.Author;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.store.ServiceChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;
import java.util.function.Supplier;

/** Lets a service do something, and notes in the audit log that it did. */
@ApplicationScoped
class Audited {

  private final RegistryStore store;

  Audited(RegistryStore store) {
    this.store = store;
  }

  /**
   * Does it.
   *
   * @param work throws where it was not done; nothing is noted then
   * @param change what is noted of what came of it
   */
  <T> T doing(Author author, Supplier<T> work, Function<T, ServiceChange> change) {
    // What cannot be noted is not begun.
    store.revision();
    T done = work.get();
    store.record(change.apply(done), author);
    return done;
  }
}
