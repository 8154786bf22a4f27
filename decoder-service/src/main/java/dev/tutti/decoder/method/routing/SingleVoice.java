package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.StepCombiner.Vote;
import java.util.Arrays;
import java.util.List;

/**
 * How a step is combined that one member writes: what it says stands. Where nobody is left of those
 * who should, the others' weighted mean does.
 */
final class SingleVoice {

  private SingleVoice() {}

  static void combine(List<Vote> votes, double[] combined) {
    Arrays.fill(combined, 0);
    for (Vote vote : votes) {
      for (int u = 0; u < combined.length; u++) {
        combined[u] += vote.weight() * vote.ratings()[u];
      }
    }
  }
}
