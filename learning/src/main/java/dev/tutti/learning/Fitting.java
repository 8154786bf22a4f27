package dev.tutti.learning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;
import java.util.Map;

/**
 * How a service learns from a dataset of the registry: its one bean that knows its methods and its
 * data. Jobs of kind {@code fit} call it; what it gives they keep.
 *
 * @param <T> what an artifact becomes
 */
public interface Fitting<T> {

  /** Every method of this service that is fitted. */
  List<? extends FittedMethod<?, T, ?>> methods();

  /**
   * Begins a fit, before the first row.
   *
   * @param data what is known of the dataset
   * @throws dev.tutti.kit.grpc.FailureException {@link dev.tutti.kit.grpc.Failure.InvalidArgument}
   *     when there is no room for it
   */
  Fit begin(FitRequest request, Dataset data);

  /**
   * Refuses, when a fit is asked for, a dataset that memory has no room for; {@link #begin} need
   * not be called for that.
   *
   * @param queries how many there are in the split
   * @throws dev.tutti.kit.grpc.FailureException {@link dev.tutti.kit.grpc.Failure.InvalidArgument}
   */
  default void requireRoom(long queries) {}

  /**
   * Looks, when it is asked for, at a fit that is to ask members live; of services that have such.
   *
   * @param data what is known of the dataset
   * @return what looks at the rows
   * @throws dev.tutti.kit.grpc.FailureException {@link dev.tutti.kit.grpc.Failure.InvalidArgument}
   *     when it cannot work
   */
  default LiveCheck checkLive(FitRequest request, Dataset data) {
    throw new UnsupportedOperationException("Fits of this service ask nobody");
  }

  /**
   * Looks at the rows from which a fit that asks members would learn, as many as are soon read.
   * Both methods throw {@link dev.tutti.kit.grpc.Failure.InvalidArgument} when it cannot work. For
   * one thread.
   */
  interface LiveCheck {

    /** Looks at a row. */
    void take(RecordedQuery row);

    /** There are no more, or no more time. */
    void end();
  }

  /**
   * A fit at work: sees each row once, in the order of their ids, and then learns. For one thread.
   */
  interface Fit {

    /** What of a row is to be embedded: the query, answers, nothing. None is null. */
    List<String> texts(RecordedQuery row);

    /**
     * Takes a row; keeps of it what learning and measuring need, and no more.
     *
     * @param vectors an embedding of unit length for each of {@link #texts}
     */
    void take(RecordedQuery row, List<float[]> vectors);

    /**
     * Learns from the rows that are not held out, and measures on those that are.
     *
     * @throws dev.tutti.kit.grpc.FailureException {@link
     *     dev.tutti.kit.grpc.Failure.InvalidArgument} when the rows are nothing to learn from
     */
    Result learn(FitContext context);
  }

  /**
   * What a fit made.
   *
   * @param parameters what was learned
   * @param data what it was learned from
   * @param metrics what was measured on what was held out
   * @param heldOut the same query by query; empty where the method gives no answers of its own
   * @param comparison the same as comparisons show it
   */
  record Result(
      Parameters parameters,
      Data data,
      ObjectNode metrics,
      HeldOut heldOut,
      Comparison comparison) {}

  /**
   * What was learned from and measured on.
   *
   * @param fingerprint of what was learned from: equal data, equal fingerprint
   * @param learned rows that were learned from
   * @param heldOut rows that were held out
   */
  record Data(String fingerprint, int learned, int heldOut) {}

  /**
   * What comparisons show of a version beside the difference in pairs.
   *
   * @param memberShares how often each member was chosen, in shares that sum to 1; empty for a
   *     method that chooses nobody
   * @param sets by the sets of the dataset
   * @param curve what quality it reaches at what cost, the cheapest first; may be empty
   * @param asksAll whether it asks every member for every query, so that it costs what all of them
   *     do together: then it need not tell a curve
   */
  record Comparison(
      Map<String, Double> memberShares,
      List<SetResult> sets,
      List<CostCurve.Point> curve,
      boolean asksAll) {

    /** Of a method that does not ask all, or of which nobody knows. */
    public Comparison(
        Map<String, Double> memberShares, List<SetResult> sets, List<CostCurve.Point> curve) {
      this(memberShares, sets, curve, false);
    }

    /** Nothing to show. */
    public static final Comparison NONE = new Comparison(Map.of(), List.of(), List.of());
  }

  /**
   * How a version does on a set.
   *
   * @param set its name; may be empty
   * @param queries held-out queries of it
   * @param quality mean quality, in the unit of the recorded outcomes
   */
  record SetResult(String set, long queries, double quality) {}
}
