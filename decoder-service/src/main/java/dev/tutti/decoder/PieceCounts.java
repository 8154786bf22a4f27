package dev.tutti.decoder;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * How often each piece stands in a {@link Prefix}, counted on from the one that was asked for last:
 * an answer that grows by a piece costs one. Confined to one thread at a time.
 */
public final class PieceCounts {

  private final Map<String, Integer> counts = new HashMap<>();
  private Prefix counted = Prefix.EMPTY;

  /** Those of a prefix, by the bytes of the piece (Latin-1); valid until the next call. */
  public Map<String, Integer> of(Prefix prefix) {
    Prefix from = counted;
    Prefix to = prefix;
    while (from != to) {
      if (from.size > to.size) {
        counts.compute(from.piece, (_, count) -> count == 1 ? null : count - 1);
        from = from.before;
      } else {
        counts.merge(to.piece, 1, Integer::sum);
        to = to.before;
      }
    }
    counted = prefix;
    return Collections.unmodifiableMap(counts);
  }
}
