package dev.tutti.registry.dataset;

import dev.tutti.registry.FieldError;
import dev.tutti.registry.v1.RecordedQuery;

/** What one line of an import says. */
sealed interface Line {

  /** A query and its outcomes; what the line leaves out is not set. */
  record Good(RecordedQuery query) implements Line {}

  /** Something that cannot be taken, and why. */
  record Bad(FieldError error) implements Line {}

  /** Nothing. */
  record Blank() implements Line {}
}
