package dev.tutti.cascade.method.routing;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.PositiveDefinite;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cascade routing by backward induction, in place of supermodels: what asking m is worth when R has
 * answered is learned from recorded questions, {@code Q_R(m) = E[V_{R+m} | what R tells] - lambda
 * c_m}, by ridge regression over the estimates; {@code V_R = max(max_{m in R} q_m, max_m Q_R(m))},
 * from the largest sets down (Longstaff & Schwartz 2001 value options so). A supermodel's value
 * supposes that all of it is run, this one's that whoever comes next stops as soon as it pays.
 *
 * <p>Kept is, at each price, what asking those is worth who would be asked for some question, and
 * of everybody what asking them first is. Where whom that wants is not available, as they failed or
 * are not paid, whoever is worth it by the estimates alone is asked.
 */
final class LookAhead implements RoutingPlans {

  private static final String WORTH = "look-ahead";

  private final double[] usd;
  private final RoutingOrder order;

  /** By price, by the set that has answered, whom to ask and what that is worth. */
  private final Map<Float, Map<Integer, List<Worth>>> worth;

  /**
   * What asking a member is worth.
   *
   * @param weights of what is known, in its order; the price is not in it
   */
  private record Worth(int member, float[] weights) {

    double of(double[] known) {
      double sum = 0;
      for (int j = 0; j < known.length; j++) {
        sum += weights[j] * known[j];
      }
      return sum;
    }
  }

  private LookAhead(RoutingOrder order, Map<Float, Map<Integer, List<Worth>>> worth) {
    this.usd = order.usd();
    this.order = order;
    this.worth = worth;
  }

  /** What a set tells: 1, the estimates by the question, those of the set, and the best of them. */
  private static double[] known(double[] exAnte, double[] quality, int answered) {
    int size = Integer.bitCount(answered);
    var known = new double[1 + exAnte.length + (size == 0 ? 0 : size + 1)];
    known[0] = 1;
    System.arraycopy(exAnte, 0, known, 1, exAnte.length);
    int at = 1 + exAnte.length;
    double best = 0;
    for (int m = 0; m < quality.length; m++) {
      if ((answered >> m & 1) == 1) {
        known[at++] = quality[m];
        best = Math.max(best, quality[m]);
      }
    }
    if (size > 0) {
      known[at] = best;
    }
    return known;
  }

  /** Learns plans from recorded questions, price by price. For one thread. */
  static final class Learner {
    private final RoutingTable table;
    private final double[] usd;
    private final RoutingOrder order;
    private final Map<Integer, double[][]> known = new HashMap<>();
    private final Map<Integer, PositiveDefinite> solvers = new HashMap<>();
    private final List<Integer> largestFirst;

    /**
     * Of recorded questions.
     *
     * @param penalty of the regressions, above 0
     */
    Learner(RoutingTable table, RoutingOrder order, double penalty) {
      this.table = table;
      this.usd = order.usd();
      this.order = order;
      this.largestFirst =
          table.sets().stream()
              .sorted(Comparator.comparing((Integer set) -> -Integer.bitCount(set)))
              .toList();
      for (int set : table.sets()) {
        if (Integer.bitCount(set) == table.longest()) {
          continue;
        }
        var rows = new double[table.questions()][];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = known(table.quality(0, i), table.quality(set, i), set);
        }
        known.put(set, rows);
        solvers.put(set, solver(rows, penalty));
      }
    }

    private static PositiveDefinite solver(double[][] rows, double penalty) {
      int d = rows[0].length;
      var a = new double[d][d];
      for (double[] row : rows) {
        for (int j = 0; j < d; j++) {
          for (int l = 0; l <= j; l++) {
            a[j][l] += row[j] * row[l];
          }
        }
      }
      for (int j = 1; j < d; j++) {
        a[j][j] += penalty;
      }
      return new PositiveDefinite(a);
    }

    /** The plan at one price. */
    LookAhead learn(float lambda) {
      var values = new HashMap<Integer, double[]>();
      var kept = new HashMap<Integer, List<Worth>>();
      for (int set : largestFirst) {
        Interruption.check();
        values.put(set, values(set, lambda, values, kept));
      }
      return new LookAhead(order, Map.of(lambda, kept));
    }

    private double[] values(
        int set, float lambda, Map<Integer, double[]> values, Map<Integer, List<Worth>> kept) {
      int n = table.questions();
      var value = new double[n];
      for (int i = 0; i < n; i++) {
        int best = RoutingTable.best(table.quality(set, i), set);
        value[i] = best < 0 ? Double.NEGATIVE_INFINITY : table.quality(set, i, best);
      }
      if (!known.containsKey(set)) {
        return value;
      }
      double[][] rows = known.get(set);
      List<Worth> all = new ArrayList<>();
      for (int m = 0; m < table.members(); m++) {
        if (order.mayFollow(set, m)) {
          all.add(new Worth(m, regressed(set, rows, values.get(set | 1 << m))));
        }
      }
      var wanted = new boolean[all.size()];
      for (int i = 0; i < n; i++) {
        int best = -1;
        for (int a = 0; a < all.size(); a++) {
          double its = all.get(a).of(rows[i]) - lambda * usd[all.get(a).member()];
          if (its > value[i]) {
            value[i] = its;
            best = a;
          }
        }
        if (best >= 0) {
          wanted[best] = true;
        }
      }
      var some = new ArrayList<Worth>();
      for (int a = 0; a < wanted.length; a++) {
        // Whoever would be the first may fail, or not be paid.
        if (wanted[a] || set == 0) {
          some.add(all.get(a));
        }
      }
      kept.put(set, some);
      return value;
    }

    private float[] regressed(int set, double[][] rows, double[] y) {
      var right = new double[rows[0].length];
      for (int i = 0; i < rows.length; i++) {
        Vectors.add(right, y[i], rows[i]);
      }
      double[] weights = solvers.get(set).solve(right);
      var floats = new float[weights.length];
      for (int j = 0; j < floats.length; j++) {
        floats[j] = (float) weights[j];
      }
      return floats;
    }
  }

  /** Several plans, each at its price. */
  static LookAhead of(RoutingOrder order, List<LookAhead> plans) {
    var all = new HashMap<Float, Map<Integer, List<Worth>>>();
    plans.forEach(plan -> all.putAll(plan.worth));
    return new LookAhead(order, all);
  }

  @Override
  public RoutingPlan at(float lambda) {
    Map<Integer, List<Worth>> plan = worth.get(lambda);
    return (exAnte, quality, answered, available) -> {
      double least =
          answered == 0 ? Double.NEGATIVE_INFINITY : quality[RoutingTable.best(quality, answered)];
      double most = least;
      int next = RoutingPlan.STOP;
      boolean misses = answered == 0;
      double[] known = known(exAnte, quality, answered);
      for (Worth its : plan.getOrDefault(answered, List.of())) {
        double value = its.of(known) - lambda * usd[its.member()];
        if ((available >> its.member() & 1) == 0) {
          misses |= value > least;
        } else if (value > most) {
          next = its.member();
          most = value;
        }
      }
      return next == RoutingPlan.STOP && misses
          ? byEstimates(quality, answered, available, lambda, least)
          : next;
    };
  }

  private int byEstimates(
      double[] quality, int answered, int available, float lambda, double least) {
    int next = RoutingPlan.STOP;
    double most = least;
    for (int m = 0; m < quality.length; m++) {
      double value = quality[m] - lambda * usd[m];
      if ((available >> m & 1) == 1 && order.mayFollow(answered, m) && value > most) {
        next = m;
        most = value;
      }
    }
    return next;
  }

  @Override
  public Parameters with(Parameters kept) {
    var rows = new ArrayList<float[]>();
    int width = 4 + 2 * usd.length;
    worth.forEach(
        (lambda, plan) ->
            plan.forEach(
                (set, all) ->
                    all.forEach(
                        its -> {
                          var row = new float[width];
                          row[0] = lambda;
                          row[1] = set;
                          row[2] = its.member();
                          System.arraycopy(its.weights(), 0, row, 3, its.weights().length);
                          rows.add(row);
                        })));
    rows.sort(
        Comparator.comparingDouble((float[] row) -> row[0])
            .thenComparingDouble(row -> row[1])
            .thenComparingDouble(row -> row[2]));
    return kept.with(WORTH, Matrix.of(rows));
  }

  static LookAhead read(Parameters kept, RoutingOrder order) {
    Matrix rows = kept.matrix(WORTH);
    var all = new HashMap<Float, Map<Integer, List<Worth>>>();
    for (int i = 0; i < rows.rows(); i++) {
      float[] row = rows.row(i);
      all.computeIfAbsent(row[0], _ -> new HashMap<>())
          .computeIfAbsent((int) row[1], _ -> new ArrayList<>())
          .add(new Worth((int) row[2], Arrays.copyOfRange(row, 3, row.length)));
    }
    return new LookAhead(order, all);
  }
}
