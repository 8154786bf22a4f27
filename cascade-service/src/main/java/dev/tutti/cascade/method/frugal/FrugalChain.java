package dev.tutti.cascade.method.frugal;

import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.tuning.ChainConfidence;
import dev.tutti.cascade.tuning.StageThresholds;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.SamplingChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A point's chain: its numbers are the members' places in the order in which they are asked, {@link
 * #NOBODY} behind the last of them, and then a threshold for each but the last.
 *
 * @param estimates of answers
 * @param columns of the chain, in order
 * @param thresholds above which an answer is accepted, one for each but the last
 */
record FrugalChain(Estimates estimates, List<Integer> columns, List<Float> thresholds)
    implements ChainConfidence {

  /** Most members of a chain. */
  static final int LONGEST = 3;

  private static final float NOBODY = -1;

  /** A point's numbers. */
  static float[] values(int[] columns, float[] thresholds) {
    var values = new float[2 * LONGEST - 1];
    Arrays.fill(values, 0, LONGEST, NOBODY);
    for (int j = 0; j < columns.length; j++) {
      values[j] = columns[j];
    }
    System.arraycopy(thresholds, 0, values, LONGEST, thresholds.length);
    return values;
  }

  /** The chain of a point's numbers. */
  static FrugalChain of(Estimates estimates, float[] values) {
    var columns = new ArrayList<Integer>();
    var thresholds = new ArrayList<Float>();
    for (int j = 0; j < LONGEST && values[j] != NOBODY; j++) {
      columns.add((int) values[j]);
      if (j > 0) {
        thresholds.add(values[LONGEST + j - 1]);
      }
    }
    return new FrugalChain(estimates, columns, thresholds);
  }

  /**
   * The chain as one that is asked in order, up to its last member, whose answers are all taken.
   */
  TunedPoints.Point point() {
    int members = columns.size();
    var values = new float[2 * members];
    Arrays.fill(values, StageThresholds.ALWAYS);
    for (int j = 0; j < members - 1; j++) {
      values[j] = thresholds.get(j);
    }
    return new TunedPoints.Point(0, 0, values);
  }

  @Override
  public List<String> members() {
    return columns.stream().map(estimates.members()::get).toList();
  }

  @Override
  public SamplingChange sampling() {
    return SamplingChange.NONE;
  }

  @Override
  public boolean embeds() {
    return estimates.embeds();
  }

  @Override
  public String called() {
    return "reliability";
  }

  /** By what was answered before it in the chain; of a third answer by the first and itself. */
  @Override
  public OptionalDouble confidence(int member, Episode episode, int stage) {
    int column = columns.get(member);
    var evidence = estimates.evidence(episode);
    int before = 0;
    for (int j = 0; j < member && before == 0; j++) {
      before = evidence.answered() & 1 << columns.get(j);
    }
    double reliability = estimates.of(evidence, before | 1 << column)[column];
    // Nobody recorded both: then nothing was learned of them.
    return Double.isNaN(reliability) ? OptionalDouble.empty() : OptionalDouble.of(reliability);
  }
}
