package dev.tutti.numerics.measure;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a router's choices did on queries that it had not learned from, one by one, so that two
 * routers can be compared query by query. Immutable as long as nobody writes to an array.
 *
 * @param queries a number for each query, equal for equal texts: 64 bits of a digest of its text
 * @param quality what the chosen member's answer was worth, in the unit of the recorded outcomes
 */
public record HeldOut(long[] queries, float[] quality) {

  /** Checks that there is a quality for each query. */
  public HeldOut {
    if (queries.length != quality.length) {
      throw new IllegalArgumentException(
          "%d queries have %d qualities.".formatted(queries.length, quality.length));
    }
  }

  /** Both arrays, number by number; {@link #of} reads them. */
  public byte[] bytes() {
    ByteBuffer bytes = ByteBuffer.allocate((Long.BYTES + Float.BYTES) * queries.length);
    for (int i = 0; i < queries.length; i++) {
      bytes.putLong(queries[i]).putFloat(quality[i]);
    }
    return bytes.array();
  }

  /** What {@link #bytes} wrote. */
  public static HeldOut of(byte[] written) {
    ByteBuffer bytes = ByteBuffer.wrap(written);
    int size = written.length / (Long.BYTES + Float.BYTES);
    var read = new HeldOut(new long[size], new float[size]);
    for (int i = 0; i < size; i++) {
      read.queries[i] = bytes.getLong();
      read.quality[i] = bytes.getFloat();
    }
    return read;
  }

  /**
   * The other's quality less this one's, for each query that neither of them has learned from. A
   * query that is held out more than once counts by its mean.
   */
  public double[] differences(HeldOut other) {
    var theirs = other.means();
    var differences = new ArrayList<Double>();
    // In the order of the queries here, so that a seeded resampling is always the same.
    var mine = means();
    for (long query : queries) {
      Double ours = mine.remove(query);
      if (ours != null && theirs.containsKey(query)) {
        differences.add(theirs.get(query) - ours);
      }
    }
    return differences.stream().mapToDouble(d -> d).toArray();
  }

  /** The mean of each query, by its number. */
  public Map<Long, Double> means() {
    var all = new HashMap<Long, List<Float>>();
    for (int i = 0; i < queries.length; i++) {
      all.computeIfAbsent(queries[i], _ -> new ArrayList<>()).add(quality[i]);
    }
    var means = new HashMap<Long, Double>();
    all.forEach(
        (query, its) -> means.put(query, its.stream().mapToDouble(q -> q).average().orElseThrow()));
    return means;
  }
}
