package dev.tutti.registry;

import dev.tutti.registry.v1.Lifecycle;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What is registered: one version of a model or an ensemble. The same record is what a registrant
 * sends (fields that are the registry's own may be absent), what is stored, and what is answered.
 */
public sealed interface Entry permits Model, Ensemble {

  /** Unique over models and ensembles. */
  String name();

  /** Other names of the same thing; may be absent. */
  List<String> aliases();

  /** How far it is in its life. */
  Lifecycle lifecycle();

  /** For people; may be absent. */
  String description();

  /** Grows by one with every change; absent before it is registered. */
  Long version();

  /** When its first version was registered; absent before it is. */
  Instant createdAt();

  /** When this version was registered; absent before it is. */
  Instant updatedAt();

  /** Whether it is a model or an ensemble. */
  default Kind kind() {
    return switch (this) {
      case Model _ -> Kind.MODEL;
      case Ensemble _ -> Kind.ENSEMBLE;
    };
  }

  /** Whether requests to it are answered. */
  default boolean served() {
    return lifecycle() == Lifecycle.LIFECYCLE_ACTIVE
        || lifecycle() == Lifecycle.LIFECYCLE_DEPRECATED;
  }

  /** The same at another point of its life. */
  Entry at(Lifecycle lifecycle);

  /** The same as a numbered version. */
  Entry stamped(long version, Instant createdAt, Instant updatedAt);

  /** Whether it has this alias. */
  default boolean isAlso(String alias) {
    return aliases() != null && aliases().contains(alias);
  }

  /**
   * The same as a registrant would write it, without what the registry itself said of it.
   *
   * @param told a version of it: of the fields that are the registry's own, those go that are as
   *     there
   */
  Entry without(Entry told);

  /** A field's value, unless it is the one that was told. */
  static <T> T unless(T given, T told) {
    return Objects.equals(given, told) ? null : given;
  }
}
