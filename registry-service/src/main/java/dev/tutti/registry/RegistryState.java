package dev.tutti.registry;

import dev.tutti.registry.v1.Lifecycle;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that is registered at one revision. Immutable.
 *
 * @param revision grows by one with every change
 * @param entries by name
 */
public record RegistryState(long revision, SortedMap<String, Entry> entries) {

  /** The entry of this name or alias; of an alias, one that is not retired before one that is. */
  public Optional<Entry> find(String name) {
    return holder(name)
        .or(() -> entries.values().stream().filter(entry -> entry.isAlso(name)).findFirst());
  }

  /**
   * Who keeps others from being called so: the entry of this name, for ever, or the one that has it
   * as an alias and is not retired.
   */
  public Optional<Entry> holder(String name) {
    return Optional.ofNullable(entries.get(name))
        .or(
            () ->
                entries.values().stream()
                    .filter(entry -> entry.lifecycle() != Lifecycle.LIFECYCLE_RETIRED)
                    .filter(entry -> entry.isAlso(name))
                    .findFirst());
  }

  /** Everything of one kind, by name. */
  public <E extends Entry> List<E> all(Class<E> type) {
    return entries.values().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The ensembles that are not retired and have this member, by name. */
  public List<Ensemble> users(String member) {
    return all(Ensemble.class).stream()
        .filter(e -> e.lifecycle() != Lifecycle.LIFECYCLE_RETIRED)
        .filter(e -> e.members().stream().anyMatch(m -> m.ref().equals(member)))
        .toList();
  }

  /** The same with this entry, instead of the one of its name. */
  public RegistryState with(Entry entry) {
    var next = new TreeMap<>(entries);
    next.put(entry.name(), entry);
    return new RegistryState(revision, next);
  }
}
