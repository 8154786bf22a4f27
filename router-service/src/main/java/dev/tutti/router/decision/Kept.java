package dev.tutti.router.decision;

import com.google.protobuf.util.Timestamps;
import dev.tutti.generation.v1.Decision;

/**
 * A decision as it is kept.
 *
 * @param timeMillis since 1970, UTC
 * @param document the whole decision as protobuf; not to be changed
 * @param spend what the call used and cost
 */
record Kept(
    String id,
    long timeMillis,
    String ensemble,
    long ensembleVersion,
    String method,
    byte[] document,
    Spend spend) {

  static Kept of(Decision decision, Spend spend) {
    return new Kept(
        decision.getId(),
        Timestamps.toMillis(decision.getTime()),
        decision.getEnsemble(),
        decision.getEnsembleVersion(),
        decision.getMethod(),
        decision.toByteArray(),
        spend);
  }
}
