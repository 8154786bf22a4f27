package dev.tutti.decoder;

import dev.tutti.learning.Parameters;

/** What a fit of this service learned; a method is made of it. Immutable; no I/O. */
public interface LearnedEnsemble {

  /** Everything it has learned. */
  Parameters parameters();
}
