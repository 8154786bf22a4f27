package dev.tutti.router;

import dev.tutti.router.method.cluster.ClusterEstimator;
import dev.tutti.router.method.heads.BenchCoeEstimator;
import dev.tutti.router.method.heads.MultiLabelEstimator;
import dev.tutti.router.method.heads.ZooterEstimator;
import dev.tutti.router.method.neighbours.KnnEstimator;
import java.util.List;

/** Every pretrained method of this service, one entry each. */
public final class FittedMethods {

  /** By name. */
  public static final List<FittedMethod<?>> ALL =
      List.of(
          new FittedMethod<>(
              "bench-coe",
              "By subject, and by what a query is beyond its subject",
              "Wang et al. 2024, Bench-CoE, arXiv:2412.04167",
              BenchCoeEstimator.class,
              new BenchCoeEstimator.Settings(),
              BenchCoeEstimator::fit,
              BenchCoeEstimator::new),
          new FittedMethod<>(
              "clusters",
              "Means over the recorded queries of the same cluster",
              "Srivatsa et al. 2024, arXiv:2405.00467; Zhang et al. 2025, arXiv:2505.19797",
              ClusterEstimator.class,
              new ClusterEstimator.Settings(),
              ClusterEstimator::fit,
              ClusterEstimator::new),
          new FittedMethod<>(
              "knn",
              "Means over the most similar recorded queries",
              "Hu et al. 2024, RouterBench, arXiv:2403.12031",
              KnnEstimator.class,
              new KnnEstimator.Settings(),
              KnnEstimator::fit,
              KnnEstimator::new),
          new FittedMethod<>(
              "multi-label",
              "One logistic head a member: the confidence that it answers correctly",
              "Srivatsa et al. 2024, arXiv:2405.00467; Maurya et al. 2024, SelectLLM, arXiv:2408.08545",
              MultiLabelEstimator.class,
              new MultiLabelEstimator.Settings(),
              MultiLabelEstimator::fit,
              MultiLabelEstimator::new),
          new FittedMethod<>(
              "zooter",
              "Which member's answer is best, taught by rewards and tags",
              "Lu et al. 2023, Zooter, arXiv:2311.08692",
              ZooterEstimator.class,
              new ZooterEstimator.Settings(),
              ZooterEstimator::fit,
              ZooterEstimator::new));

  private FittedMethods() {}
}
