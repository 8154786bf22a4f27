package dev.tutti.router.replay;

import dev.tutti.router.FittedEstimator;
import dev.tutti.router.method.heads.BenchCoeEstimator;
import dev.tutti.router.method.heads.HybridLlmEstimator;
import dev.tutti.router.method.heads.MultiLabelEstimator;
import dev.tutti.router.method.heads.ZooterEstimator;
import dev.tutti.router.method.neighbours.KnnEstimator;
import dev.tutti.router.method.neighbours.ShnitzerEstimator;
import dev.tutti.router.method.preference.SimilarityWeightedEstimator;
import java.util.List;

/** Settings among which cross-validation over the training part chooses. */
final class Candidates {

  private Candidates() {}

  /** RouterBench's kNN as published. */
  static final List<KnnEstimator.Settings> UNWEIGHTED =
      List.of(
          new KnnEstimator.Settings(40, 0, 0),
          new KnnEstimator.Settings(80, 0, 0),
          new KnnEstimator.Settings(150, 0, 0));

  @SuppressWarnings("unchecked")
  static <S extends Record> List<S> of(FittedEstimator<S> method) {
    return (List<S>)
        switch (method.defaults()) {
          case BenchCoeEstimator.Settings d -> List.of(d, new BenchCoeEstimator.Settings(300, 10));
          case HybridLlmEstimator.Settings d -> List.of(d);
          case MultiLabelEstimator.Settings d ->
              List.of(d, new MultiLabelEstimator.Settings(0.01, false));
          case ZooterEstimator.Settings d ->
              List.of(d, new ZooterEstimator.Settings(0.3, 0.3, 1e-3));
          case KnnEstimator.Settings d ->
              List.of(
                  d, new KnnEstimator.Settings(80, 0.1, 0), new KnnEstimator.Settings(300, 0.1, 0));
          case ShnitzerEstimator.Settings d ->
              List.of(
                  new ShnitzerEstimator.Settings(
                      ShnitzerEstimator.Score.SOFT,
                      40,
                      d.kappa(),
                      d.threshold(),
                      d.width(),
                      d.eta()));
          case SimilarityWeightedEstimator.Settings d ->
              List.of(d, new SimilarityWeightedEstimator.Settings(1000, 5));
          default -> List.of(method.defaults());
        };
  }
}
