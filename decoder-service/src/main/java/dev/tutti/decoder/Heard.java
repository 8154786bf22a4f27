package dev.tutti.decoder;

import java.util.Optional;

/**
 * What one member by itself holds for next, in its own tokens. A view of the member's session that
 * changes with its next step.
 */
public interface Heard {

  /** Probability of its most probable token; in [0, 1]. */
  double highest();

  /** Its whole distribution; empty where it tells only its most probable pieces. */
  Optional<Distribution> distribution();

  /** Its last hidden state, as {@link DecodeSession#hidden}. */
  Optional<float[]> hidden();
}
