package dev.tutti.cascade.tuning;

import dev.tutti.cascade.RecordedOutcomes;
import java.util.Comparator;
import java.util.stream.IntStream;

/** In which order a fitted chain asks its members. */
public enum MemberOrder {
  /** By their mean costs, of equals as the columns stand. */
  COST,
  /** As the dataset's columns, or the members that the fit names, stand. */
  COLUMNS;

  /** The places of these members, in order. */
  public int[] of(RecordedOutcomes data) {
    return IntStream.range(0, data.members().size())
        .boxed()
        .sorted(this == COST ? Comparator.comparingDouble(data::usd) : Comparator.naturalOrder())
        .mapToInt(m -> m)
        .toArray();
  }
}
