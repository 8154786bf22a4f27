package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Heard;
import java.util.Optional;

/**
 * What one member holds for one place of the answer.
 *
 * @param own in its own tokens
 * @param shared the same over the vocabulary that the members share
 * @param favourite its most probable token among the shared ones; -1 where that is none of them
 */
record Place(Distribution own, Distribution shared, int favourite) implements Heard {

  @Override
  public double highest() {
    return own.probability(own.mostProbable());
  }

  @Override
  public Optional<Distribution> distribution() {
    return Optional.of(own);
  }

  @Override
  public Optional<float[]> hidden() {
    return Optional.empty();
  }
}
