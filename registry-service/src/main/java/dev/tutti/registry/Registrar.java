package dev.tutti.registry;

import dev.tutti.registry.Change.Action;
import dev.tutti.registry.store.RegistryStore;
import dev.tutti.registry.v1.Lifecycle;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes every change. A change is planned against everything that is registered at one revision -
 * with all checks, those of the neighbours too, and no transaction open meanwhile - and committed
 * only if that revision is still the newest one; otherwise it is planned again. So no two changes,
 * of whatever replica, can be right each by itself and wrong together.
 *
 * <p>All methods block; all throw {@link RefusedException}.
 */
@ApplicationScoped
public class Registrar {

  /** Beyond it something is wrong: each round that is lost is a change that somebody else made. */
  private static final int MOST_ROUNDS = 1000;

  private final RegistryStore store;
  private final Neighbours neighbours;
  private final Event<Change> changed;
  private final MeterRegistry meters;
  private final ReentrantLock turn = new ReentrantLock(true);

  Registrar(
      RegistryStore store, Neighbours neighbours, Event<Change> changed, MeterRegistry meters) {
    this.store = store;
    this.neighbours = neighbours;
    this.changed = changed;
    this.meters = meters;
  }

  /** Plans a change against a state. */
  @FunctionalInterface
  private interface Plan {
    Change against(RegistryState state, Neighbours asked);
  }

  /**
   * Registers something new.
   *
   * @param validateOnly whether all is checked and nothing stored
   * @return as it is, or would be, registered
   */
  public Entry create(Entry wanted, Author author, boolean validateOnly) {
    return submit(
            (state, asked) -> {
              if (wanted.name() != null) {
                state.holder(wanted.name()).ifPresent(holder -> refuseTaken(wanted.name(), holder));
              }
              Entry admitted = admit(wanted, null, state, asked);
              Instant now = now();
              // A deleted draft's versions stay; whoever takes its name goes on counting.
              long version = store.lastVersion(wanted.name()) + 1;
              return new Change(Action.CREATE, null, admitted.stamped(version, now, now));
            },
            author,
            validateOnly)
        .after();
  }

  /**
   * Replaces all of an entry but its lifecycle.
   *
   * @param name of the entry
   * @param validateOnly whether all is checked and nothing stored
   * @return as it is, or would be, registered
   */
  public Entry replace(
      String name, Entry wanted, IfMatch ifMatch, Author author, boolean validateOnly) {
    return submit(
            (state, asked) -> {
              Entry current = current(wanted.kind(), name, ifMatch, state);
              refuseRetired(current);
              if (wanted.name() != null && !wanted.name().equals(current.name())) {
                throw Refusal.invalid(
                    "name",
                    "name is '%s' but the path says '%s'; a name cannot be changed."
                        .formatted(FieldChecks.shown(wanted.name()), current.name()));
              }
              Entry fresh = written(wanted, current);
              if (fresh.lifecycle() != null && fresh.lifecycle() != current.lifecycle()) {
                throw Refusal.invalid(
                    "lifecycle",
                    "lifecycle is %s; it is changed by POST /api/v1/%s/%s/lifecycle only."
                        .formatted(
                            ContractEnums.word(current.lifecycle()),
                            current.kind().plural(),
                            current.name()));
              }
              return successor(Action.REPLACE, current, admit(fresh, current, state, asked));
            },
            author,
            validateOnly)
        .after();
  }

  /**
   * Gives an entry the content of an earlier version, all but its lifecycle, as a new version.
   *
   * @param version the earlier one
   * @param validateOnly whether all is checked and nothing stored
   * @return as it is, or would be, registered
   */
  public Entry rollBack(
      Kind kind, String name, long version, IfMatch ifMatch, Author author, boolean validateOnly) {
    return submit(
            (state, asked) -> {
              Entry current = current(kind, name, ifMatch, state);
              refuseRetired(current);
              if (version == current.version()) {
                throw Refusal.invalid(
                    "version", "'%s' is at version %d.".formatted(current.name(), version));
              }
              Entry before =
                  store
                      .version(kind, current.name(), version)
                      .orElseThrow(
                          () ->
                              Refusal.invalid(
                                  "version",
                                  "There is no version %d of %s '%s'; it is at version %d."
                                      .formatted(
                                          version,
                                          kind.word(),
                                          current.name(),
                                          current.version())));
              return successor(
                  Action.ROLL_BACK, current, admit(before.without(before), current, state, asked));
            },
            author,
            validateOnly)
        .after();
  }

  /**
   * Moves an entry to another point of its life.
   *
   * @param validateOnly whether all is checked and nothing stored
   * @return as it is, or would be, registered
   */
  public Entry move(
      Kind kind, String name, Lifecycle to, IfMatch ifMatch, Author author, boolean validateOnly) {
    return submit(
            (state, asked) -> {
              Entry current = current(kind, name, ifMatch, state);
              Lifecycles.requireStep(current, to);
              Entry moved = current.at(to);
              if (to == Lifecycle.LIFECYCLE_RETIRED) {
                refuseUsed(
                    current, state.users(current.name()).stream().filter(Entry::served).toList());
              } else if (to == Lifecycle.LIFECYCLE_ACTIVE) {
                moved = admit(moved, current, state, asked);
              }
              return successor(Action.LIFECYCLE, current, moved);
            },
            author,
            validateOnly)
        .after();
  }

  /**
   * Throws a draft away; what was served once is retired instead, so that the record stays.
   *
   * @param validateOnly whether all is checked and nothing stored
   */
  public void delete(Kind kind, String name, IfMatch ifMatch, Author author, boolean validateOnly) {
    submit(
        (state, asked) -> {
          Entry current = current(kind, name, ifMatch, state);
          if (current.lifecycle() != Lifecycle.LIFECYCLE_DRAFT) {
            throw new Refusal.WrongLifecycle(
                    "'%s' is %s; only drafts can be deleted, the others are retired."
                        .formatted(current.name(), ContractEnums.word(current.lifecycle())))
                .exception();
          }
          refuseUsed(current, state.users(current.name()));
          return new Change(Action.DELETE, current, null);
        },
        author,
        validateOnly);
  }

  private Change submit(Plan plan, Author author, boolean validateOnly) {
    var asked = new RememberingNeighbours(neighbours);
    RegistryState state = store.load();
    Change change = plan.against(state, asked);
    if (validateOnly) {
      return change;
    }
    if (!store.commit(state.revision(), change, author)) {
      change = submitInTurn(plan, asked, author);
    }
    Counter.builder("tutti_registry_changes")
        .description("Changes that this replica made")
        .tags("kind", change.subject().kind().word(), "action", change.action().word())
        .register(meters)
        .increment();
    changed.fire(change);
    return change;
  }

  /** Those who came second once wait for each other: else the slow ones would be late for ever. */
  private Change submitInTurn(Plan plan, Neighbours asked, Author author) {
    turn.lock();
    try {
      for (int round = 0; round < MOST_ROUNDS; round++) {
        RegistryState state = store.load();
        Change change = plan.against(state, asked);
        if (store.commit(state.revision(), change, author)) {
          return change;
        }
      }
    } finally {
      turn.unlock();
    }
    throw new Refusal.Unavailable("Too many others change the registry just now; try again.")
        .exception();
  }

  private static Entry admit(Entry wanted, Entry current, RegistryState state, Neighbours asked) {
    return switch (wanted) {
      case Model model -> ModelAdmission.admit(model, (Model) current, state, asked);
      case Ensemble ensemble -> EnsembleAdmission.admit(ensemble, (Ensemble) current, state, asked);
    };
  }

  /** What was read of an earlier version may be sent back, with what the registry said of it. */
  private Entry written(Entry wanted, Entry current) {
    if (wanted.version() == null || wanted.version().equals(current.version())) {
      return wanted;
    }
    return store
        .version(wanted.kind(), current.name(), wanted.version())
        .map(wanted::without)
        .orElse(wanted);
  }

  private static Entry current(Kind kind, String name, IfMatch ifMatch, RegistryState state) {
    Entry current =
        state.find(name).filter(e -> e.kind() == kind).orElseThrow(() -> notFound(kind, name));
    ifMatch.require(current);
    return current;
  }

  /** The exception for what the path names and does not exist. */
  public static RefusedException notFound(Kind kind, String name) {
    return new Refusal.NotFound(
            "There is no %s '%s'.".formatted(kind.word(), FieldChecks.shown(name)))
        .exception();
  }

  private static Change successor(Action action, Entry before, Entry after) {
    return new Change(
        action, before, after.stamped(before.version() + 1, before.createdAt(), now()));
  }

  private static void refuseTaken(String name, Entry holder) {
    throw new Refusal.Taken(FieldChecks.taken(name, holder)).exception();
  }

  private static void refuseRetired(Entry entry) {
    if (entry.lifecycle() == Lifecycle.LIFECYCLE_RETIRED) {
      throw new Refusal.WrongLifecycle(
              "'%s' is retired and cannot be changed.".formatted(entry.name()))
          .exception();
    }
  }

  private static void refuseUsed(Entry entry, List<Ensemble> users) {
    if (!users.isEmpty()) {
      throw new Refusal.InUse(
              "'%s' is a member of %s."
                  .formatted(
                      entry.name(),
                      String.join(
                          ", ", users.stream().map(user -> "'" + user.name() + "'").toList())),
              List.of())
          .exception();
    }
  }

  /** As exact as JSON and the database keep it alike. */
  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
