package dev.tutti.fusion;

import dev.tutti.learning.Parameters;
import java.util.List;

/** What a fit of this service learned; a method is made of it. Immutable; no I/O. */
public interface LearnedFusion {

  /** Whom it has learned about, as datasets know them. */
  default List<String> members() {
    return parameters().members();
  }

  /** Everything it has learned. */
  Parameters parameters();
}
