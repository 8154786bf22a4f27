package dev.tutti.decoder;

import dev.tutti.learning.Parameters;
import java.util.List;

/** What a fit of this service learned; a method is made of it. Immutable; no I/O. */
public interface LearnedEnsemble {

  /** Whom it has learned about, by their names in the registry. */
  default List<String> members() {
    return parameters().members();
  }

  /** Everything it has learned. */
  Parameters parameters();
}
