package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.learning.Parameters;
import java.util.List;

/**
 * At which shares of its checks the next member is asked, member by member.
 *
 * @param members in the order in which they are asked
 * @param bins in which shares are counted, less one: the bin of a share is {@link #bin}
 * @param points what was tuned: a number for each member but the last and each bin, 1 where the
 *     next one is asked, else 0
 */
public record VerifierBins(List<String> members, int bins, TunedPoints points)
    implements LearnedCascade {

  private static final String BINS = "bins";

  /** Keeps its own copy. */
  public VerifierBins {
    members = List.copyOf(members);
  }

  /** The nearest of {@code bins + 1} bins, 0 for no check and {@code bins} for all. */
  static int bin(double share, int bins) {
    return (int) Math.round(share * bins);
  }

  static boolean isRouted(float[] values, int member, double share, int bins) {
    return values[member * (bins + 1) + bin(share, bins)] == 1;
  }

  @Override
  public Parameters parameters() {
    return points.with(Parameters.of(members).with(BINS, bins));
  }

  static VerifierBins read(Parameters kept) {
    return new VerifierBins(kept.members(), (int) kept.number(BINS), TunedPoints.of(kept));
  }
}
