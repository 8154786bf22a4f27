package dev.tutti.router;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.router.method.cluster.ClusterEstimator;
import dev.tutti.router.method.contrastive.RouterDcEstimator;
import dev.tutti.router.method.estimate.EstimatedRouter.Rule;
import dev.tutti.router.method.factor.RoutooEstimator;
import dev.tutti.router.method.heads.BenchCoeEstimator;
import dev.tutti.router.method.heads.HybridLlmEstimator;
import dev.tutti.router.method.heads.MultiLabelEstimator;
import dev.tutti.router.method.heads.ZooterEstimator;
import dev.tutti.router.method.neighbours.KnnEstimator;
import dev.tutti.router.method.neighbours.ShnitzerEstimator;
import dev.tutti.router.method.neighbours.SmoothieEstimator;
import dev.tutti.router.method.preference.MatrixFactorizationEstimator;
import dev.tutti.router.method.preference.SimilarityWeightedEstimator;
import java.util.List;

/** Every pretrained method of this service, one entry each. */
public final class FittedMethods {

  /** By name. */
  public static final List<FittedEstimator<?>> ALL =
      List.of(
          new FittedEstimator<>(
              "bench-coe",
              "By subject, and by what a query is beyond its subject",
              "Wang et al. 2024, Bench-CoE, arXiv:2412.04167",
              BenchCoeEstimator.class,
              new BenchCoeEstimator.Settings(),
              BenchCoeEstimator::fit,
              BenchCoeEstimator::new),
          new FittedEstimator<>(
              "clusters",
              "Means over the recorded queries of the same cluster",
              "Srivatsa et al. 2024, arXiv:2405.00467; Zhang et al. 2025, arXiv:2505.19797",
              ClusterEstimator.class,
              new ClusterEstimator.Settings(),
              ClusterEstimator::fit,
              ClusterEstimator::new),
          new FittedEstimator<>(
              "hybrid-llm",
              "How likely a query is easy enough for the smaller model",
              "Ding et al. 2024, Hybrid LLM, arXiv:2404.14618",
              HybridLlmEstimator.class,
              new HybridLlmEstimator.Settings(),
              HybridLlmEstimator::fit,
              HybridLlmEstimator::new,
              Members.exactly(2),
              Rule.WIN_PROBABILITY,
              false),
          new FittedEstimator<>(
              "knn",
              "Means over the most similar recorded queries",
              "Hu et al. 2024, RouterBench, arXiv:2403.12031",
              KnnEstimator.class,
              new KnnEstimator.Settings(),
              KnnEstimator::fit,
              KnnEstimator::new),
          new FittedEstimator<>(
              "matrix-factorization",
              "Strengths learned from who beat whom, as products of vectors",
              "Ong et al. 2024, RouteLLM, arXiv:2406.18665",
              MatrixFactorizationEstimator.class,
              new MatrixFactorizationEstimator.Settings(),
              MatrixFactorizationEstimator::fit,
              MatrixFactorizationEstimator::new),
          new FittedEstimator<>(
              "multi-label",
              "One logistic head a member: the confidence that it answers correctly",
              "Srivatsa et al. 2024, arXiv:2405.00467; Maurya et al. 2024, SelectLLM, arXiv:2408.08545",
              MultiLabelEstimator.class,
              new MultiLabelEstimator.Settings(),
              MultiLabelEstimator::fit,
              MultiLabelEstimator::new),
          new FittedEstimator<>(
              "router-dc",
              "Queries lie near the members that answer them well",
              "Chen et al. 2024, RouterDC, arXiv:2409.19886",
              RouterDcEstimator.class,
              new RouterDcEstimator.Settings(),
              RouterDcEstimator::fit,
              RouterDcEstimator::new),
          new FittedEstimator<>(
              "routoo",
              "One encoding a query, one embedding a member, and how they meet",
              "Mohammadshahi et al. 2024, Routoo, arXiv:2401.13979",
              RoutooEstimator.class,
              new RoutooEstimator.Settings(),
              RoutooEstimator::fit,
              RoutooEstimator::new),
          new FittedEstimator<>(
              "shnitzer",
              "Correctness of neighbours, corrected for how far the query is from all benchmarks",
              "Shnitzer et al. 2023, arXiv:2309.15789",
              ShnitzerEstimator.class,
              new ShnitzerEstimator.Settings(),
              ShnitzerEstimator::fit,
              ShnitzerEstimator::new),
          new FittedEstimator<>(
              "similarity-weighted",
              "An Elo ranking made for the query from battles on similar ones",
              "Ong et al. 2024, RouteLLM, arXiv:2406.18665",
              SimilarityWeightedEstimator.class,
              new SimilarityWeightedEstimator.Settings(),
              SimilarityWeightedEstimator::fit,
              SimilarityWeightedEstimator::new),
          new FittedEstimator<>(
              "smoothie-train",
              "Whose answers to similar recorded queries lay nearest to all others', without scores",
              "Guha et al. 2024, Smoothie (its train-time variant), NeurIPS, arXiv:2412.04692",
              SmoothieEstimator.class,
              new SmoothieEstimator.Settings(),
              SmoothieEstimator::fit,
              SmoothieEstimator::new,
              Members.atLeast(3),
              Rule.BEST_QUALITY,
              true),
          new FittedEstimator<>(
              "zooter",
              "Which member's answer is best, taught by rewards and tags",
              "Lu et al. 2023, Zooter, arXiv:2311.08692",
              ZooterEstimator.class,
              new ZooterEstimator.Settings(),
              ZooterEstimator::fit,
              ZooterEstimator::new));

  private FittedMethods() {}
}
