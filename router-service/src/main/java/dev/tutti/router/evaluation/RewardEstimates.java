package dev.tutti.router.evaluation;

import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.neighbours.KnnEstimator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The model of the quality behind a doubly robust estimate: nearest neighbours among the rated
 * decisions, cross-fitted in {@value #FOLDS} folds, so that what is said about a decision was not
 * learned from it (Chernozhukov et al. 2018). Where queries have no embedding all are alike, and a
 * member is expected to do as it does on average.
 */
final class RewardEstimates {

  static final int FOLDS = 5;

  /** Queries' worth of a member's overall mean: a member has rated answers at few neighbours. */
  private static final KnnEstimator.Settings SETTINGS = new KnnEstimator.Settings(150, 0.1, 10);

  private static final float[] ALIKE = {1};

  private final Map<String, Integer> columns = new HashMap<>();
  private final double[][] quality;

  private RewardEstimates(int size) {
    quality = new double[size][];
  }

  /**
   * Estimates for a log.
   *
   * @param seed of the folds
   */
  static RewardEstimates of(List<LoggedChoice> log, long seed) {
    var estimates = new RewardEstimates(log.size());
    List<String> members =
        log.stream()
            .flatMap(l -> l.pool().members().stream())
            .map(m -> m.name())
            .distinct()
            .sorted()
            .toList();
    members.forEach(m -> estimates.columns.put(m, estimates.columns.size()));
    boolean embedded =
        log.stream().map(l -> l.query().embedding().length).distinct().count() == 1
            && log.getFirst().query().embedding().length > 0;
    var order = new ArrayList<>(IntStream.range(0, log.size()).boxed().toList());
    Collections.shuffle(order, java.util.Random.from(new SplittableRandom(seed)));
    for (int fold = 0; fold < FOLDS; fold++) {
      estimates.fill(log, order, fold, members, embedded);
    }
    return estimates;
  }

  private void fill(
      List<LoggedChoice> log,
      List<Integer> order,
      int fold,
      List<String> members,
      boolean embedded) {
    List<Integer> others =
        IntStream.range(0, order.size())
            .filter(i -> i % FOLDS != fold)
            .mapToObj(order::get)
            .toList();
    if (others.isEmpty()) {
      throw new IllegalArgumentException("One decision is no log.");
    }
    var known = new Matrix(others.size(), members.size());
    java.util.Arrays.fill(known.values(), Float.NaN);
    for (int row = 0; row < others.size(); row++) {
      LoggedChoice choice = log.get(others.get(row));
      known.values()[row * members.size() + columns.get(choice.member())] =
          (float) choice.quality();
    }
    List<float[]> rows = others.stream().map(i -> embedding(log.get(i), embedded)).toList();
    var outcomes =
        new Outcomes(
            members,
            Matrix.of(rows),
            new Matrix(0, 0),
            known,
            new Matrix(0, 0),
            Collections.nCopies(others.size(), ""));
    QualityEstimator estimator = KnnEstimator.fit(outcomes, SETTINGS, new SplittableRandom(0));
    double[] means = outcomes.meanQualityOr(0.5);
    for (int i = fold; i < order.size(); i += FOLDS) {
      Interruption.check();
      int decision = order.get(i);
      quality[decision] =
          embedded
              ? estimator
                  .estimate(
                      new Query(
                          log.get(decision).query().messages(), embedding(log.get(decision), true)))
                  .quality()
              : means;
    }
  }

  private static float[] embedding(LoggedChoice choice, boolean embedded) {
    return embedded ? choice.query().embedding() : ALIKE;
  }

  /** Expected quality of a member's answer to the query of a decision. */
  double quality(int decision, String member) {
    Integer column = columns.get(member);
    return column == null ? 0.5 : quality[decision][column];
  }
}
