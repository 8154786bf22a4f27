package dev.tutti.registry;

import dev.tutti.registry.v1.Lifecycle;
import java.time.Instant;

/**
 * What is registered: one version of a model or an ensemble. The same record is what a registrant
 * sends (fields that are the registry's own may be absent), what is stored, and what is answered.
 */
public sealed interface Entry permits Model, Ensemble {

  /** Unique over models and ensembles. */
  String name();

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
}
