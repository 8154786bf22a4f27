package dev.tutti.cascade.method.routing;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.PositiveDefinite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Cascade routing's step (Dekoninck et al. 2025, arXiv:2410.10347): of all supersets S of what has
 * answered, R, the one is wanted that maximises {@code tau(S) = E[max_{m in S} q_m] - lambda sum_{m
 * in S \ R} c_m}; where it is R itself nobody is asked any more, else the cheapest of S \ R is.
 * Qualities are normal: their means are the estimates by R, their covariance is that of what the
 * answers of S change about them (the paper's is that of what all answers do; a supermodel never
 * sees those of others, and would look better than it is). The expectation is a mean over {@value
 * #DRAWS} fixed points of a Halton sequence, times the covariance's Cholesky factor. Of equal
 * supersets the cheapest is wanted.
 *
 * <p>Up to {@value #ENUMERATED} members all supersets of at most {@code longest} members are looked
 * at; of more, none beyond one whose last member was not worth its cost. In the order of costs (a
 * cascade) supersets are R and whoever is dearer than all of it.
 */
final class Supermodels implements RoutingPlans {

  static final int DRAWS = 100;
  static final int ENUMERATED = 8;
  private static final double TIE = 1e-8;
  private static final double REGULAR = 1e-6;
  private static final String COVARIANCES = "covariances";
  private static final double[][] NORMAL = normal();

  private final double[] usd;
  private final RoutingOrder order;
  private final int longest;
  private final int[] byCost;

  /** Rows: R, S, and the covariances of the members of S, row by row up to the diagonal. */
  private final Matrix covariances;

  /** By both sets, what the draws add to the means: by draw and member of S. */
  private final Map<Integer, double[][]> noise = new HashMap<>();

  Supermodels(RoutingOrder order, int longest, Matrix covariances) {
    this.usd = order.usd();
    this.order = order;
    this.longest = longest;
    this.covariances = covariances;
    this.byCost =
        IntStream.range(0, usd.length)
            .boxed()
            .sorted(Comparator.comparingDouble(m -> usd[m]))
            .mapToInt(m -> m)
            .toArray();
    for (int row = 0; row < covariances.rows(); row++) {
      float[] its = covariances.row(row);
      int size = Integer.bitCount((int) its[1]);
      noise.put(key((int) its[0], (int) its[1]), drawn(its, size));
    }
  }

  private static int key(int answered, int set) {
    return answered << 16 | set;
  }

  private static double[][] drawn(float[] row, int size) {
    var covariance = new double[size][size];
    int at = 2;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] = row[at++];
      }
      covariance[i][i] += REGULAR;
    }
    var factor = new PositiveDefinite(covariance);
    return Arrays.stream(NORMAL)
        .map(z -> factor.factorTimes(Arrays.copyOf(z, size)))
        .toArray(double[][]::new);
  }

  /**
   * Standard normal numbers, four a draw: Halton's sequence through Box and Muller, moved to mean 0
   * and variance 1.
   */
  private static double[][] normal() {
    var draws = new double[DRAWS][];
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = new double[CascadeRoutingFit.LONGEST];
      for (int pair = 0; pair < 2; pair++) {
        double radius = Math.sqrt(-2 * Math.log(halton(i + 1, pair == 0 ? 2 : 5)));
        double angle = 2 * Math.PI * halton(i + 1, pair == 0 ? 3 : 7);
        draws[i][2 * pair] = radius * Math.cos(angle);
        draws[i][2 * pair + 1] = radius * Math.sin(angle);
      }
    }
    for (int j = 0; j < CascadeRoutingFit.LONGEST; j++) {
      int its = j;
      double mean = Arrays.stream(draws).mapToDouble(z -> z[its]).average().orElseThrow();
      double variance =
          Arrays.stream(draws).mapToDouble(z -> z[its] * z[its]).average().orElseThrow()
              - mean * mean;
      for (double[] z : draws) {
        z[j] = (z[j] - mean) / Math.sqrt(variance);
      }
    }
    return draws;
  }

  private static double halton(int index, int base) {
    double value = 0;
    double digit = 1;
    for (int rest = index; rest > 0; rest /= base) {
      digit /= base;
      value += digit * (rest % base);
    }
    return value;
  }

  /** The covariances that recorded questions show. */
  static Matrix covariances(RoutingTable table, int longest) {
    var rows = new ArrayList<float[]>();
    for (int set : table.sets()) {
      if (Integer.bitCount(set) < 2) {
        continue;
      }
      for (int answered = set - 1 & set; ; answered = answered - 1 & set) {
        rows.add(covariance(table, answered, set, longest));
        if (answered == 0) {
          break;
        }
      }
    }
    return Matrix.of(rows);
  }

  private static float[] covariance(RoutingTable table, int answered, int set, int longest) {
    int[] members = members(set);
    int n = table.questions();
    var change = new double[members.length][n];
    for (int a = 0; a < members.length; a++) {
      double mean = 0;
      for (int i = 0; i < n; i++) {
        change[a][i] = table.quality(set, i, members[a]) - table.quality(answered, i, members[a]);
        mean += change[a][i] / n;
      }
      for (int i = 0; i < n; i++) {
        change[a][i] -= mean;
      }
    }
    var row = new float[2 + longest * (longest + 1) / 2];
    row[0] = answered;
    row[1] = set;
    int at = 2;
    for (int a = 0; a < members.length; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += change[a][i] * change[b][i];
        }
        row[at++] = (float) (sum / n);
      }
    }
    return row;
  }

  private static int[] members(int set) {
    return IntStream.range(0, Integer.SIZE).filter(m -> (set >> m & 1) == 1).toArray();
  }

  static Supermodels read(Parameters kept, RoutingOrder order, int longest) {
    return new Supermodels(order, longest, kept.matrix(COVARIANCES));
  }

  static boolean isIn(Parameters kept) {
    return kept.matrices().containsKey(COVARIANCES);
  }

  @Override
  public Parameters with(Parameters kept) {
    return kept.with(COVARIANCES, covariances);
  }

  /** The best of a set's qualities, as it is expected when what has answered is known. */
  double expectedBest(double[] quality, int answered, int set) {
    int[] members = members(set);
    double[][] its = noise.get(key(answered, set));
    if (its == null) {
      // What is known already, or a single one.
      return Arrays.stream(members).mapToDouble(m -> quality[m]).max().orElseThrow();
    }
    double sum = 0;
    for (double[] draw : its) {
      double best = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < members.length; j++) {
        best = Math.max(best, quality[members[j]] + draw[j]);
      }
      sum += best;
    }
    return sum / its.length;
  }

  @Override
  public RoutingPlan at(float lambda) {
    return (_, quality, answered, available) -> {
      int wanted = new Search(quality, answered, lambda).best(available) & ~answered;
      return wanted == 0 ? RoutingPlan.STOP : cheapest(wanted);
    };
  }

  private int cheapest(int set) {
    return Arrays.stream(byCost).filter(m -> (set >> m & 1) == 1).findFirst().orElseThrow();
  }

  /** For one decision. */
  private final class Search {
    private final double[] quality;
    private final int answered;
    private final float lambda;
    private int best;
    private double most = Double.NEGATIVE_INFINITY;
    private double paid;

    Search(double[] quality, int answered, float lambda) {
      this.quality = quality;
      this.answered = answered;
      this.lambda = lambda;
    }

    int best(int available) {
      List<Integer> others =
          Arrays.stream(byCost)
              .filter(m -> (available >> m & 1) == 1 && order.mayFollow(answered, m))
              .boxed()
              .toList();
      best = answered;
      most = answered == 0 ? Double.NEGATIVE_INFINITY : expectedBest(quality, answered, answered);
      extend(answered, most, 0, others, 0);
      return best;
    }

    private void extend(int set, double value, double cost, List<Integer> others, int from) {
      if (Integer.bitCount(set) == longest) {
        return;
      }
      for (int at = from; at < others.size(); at++) {
        int more = set | 1 << others.get(at);
        double its = cost + usd[others.get(at)];
        double trade = expectedBest(quality, answered, more) - lambda * its;
        if (trade > most + TIE || trade > most - TIE && its < paid) {
          best = more;
          most = trade;
          paid = its;
        }
        boolean worthIt = trade >= value || Integer.bitCount(more) == 1;
        if (usd.length <= ENUMERATED || worthIt) {
          extend(more, trade, its, others, at + 1);
        }
      }
    }
  }
}
