package dev.tutti.cascade;

import dev.tutti.learning.Parameters;

/** What a fit of this service learned; a method is made of it. Immutable; no I/O. */
public interface LearnedCascade {

  /** Everything it has learned. */
  Parameters parameters();
}
