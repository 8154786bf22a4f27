package dev.tutti.router.method.neighbours;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Routing with benchmark datasets: is a member right on the recorded queries most like this one,
 * and how far may that be trusted here?
 *
 * <p>Shnitzer et al. 2023, arXiv:2309.15789. {@code g_m(x) = 1/k sum_NN y(x_i, m)} over binary
 * correctness; {@code gbar_m = I[g_m > t]}. Over the {@code n} queries of a task:
 *
 * <pre>
 * S1 = mean g_m       S2 = mean gbar_m       S3 = S2 p + (1 - S2) (1 - p)
 * </pre>
 *
 * with {@code p(d', m)} the accuracy of {@code gbar_m} on the new task, from a Gaussian kernel
 * smoother over {@code u(d)}, the mean distance (1 - cosine) of a set's queries to the {@code
 * kappa} nearest of other sets, and {@code p(d, m)}, both by leaving one set out. A single query is
 * a task with {@code n} = 1, and is routed by S1 unless said otherwise. {@link #memberForTask}
 * chooses for a whole task, as the paper does: the best by S3 if it beats the best on average with
 * probability above {@code eta}, else the latter.
 *
 * <p>{@code k} = 5, {@code kappa} = 19, {@code t} = 0.5, {@code eta} = 0.6 are the card's, and not
 * verified; the kernel's width is ours. Equal estimates are ordered by the members' means (ties go
 * to the best on average). Deviation: {@code sqrt(q (1 - q) / (k + 3))} with {@code q = (k S + 1) /
 * (k + 2)} (Laplace), since five votes of five are no certainty. With a single set nothing can be
 * left out and {@code p} = 1.
 */
public final class ShnitzerEstimator implements QualityEstimator {

  private static final double TIE = 1e-6;

  private final Parameters parameters;
  private final NeighbourIndex index;
  private final Matrix correct;
  private final float[] mean;
  private final Matrix distances;
  private final Matrix reliability;
  private final int k;
  private final int kappa;
  private final double threshold;
  private final double width;
  private final double eta;
  private final Score score;

  /** Which of the three scores. */
  public enum Score {
    /** S1: the share of neighbours that the member got right. */
    SOFT,
    /** S2: whether that is more than the threshold. */
    HARD,
    /** S3: S2 as far as it may be trusted at this distance from the benchmarks. */
    DISTANCE_AWARE
  }

  /** How to fit it. */
  public record Settings(
      @Setting(help = "which score") Score score,
      @Setting(help = "neighbours that vote", min = 1, max = 10_000) int k,
      @Setting(help = "neighbours that tell the distance to other sets", min = 1, max = 10_000)
          int kappa,
      @Setting(help = "quality above which an answer, or a vote, counts as right", min = 0, max = 1)
          double threshold,
      @Setting(help = "width of the kernel over distances", min = 1e-6, max = 10) double width,
      @Setting(
              help = "probability of beating the best on average that a task's choice needs",
              min = 0,
              max = 1)
          double eta) {

    /** The card's, S1 for single queries. */
    public Settings() {
      this(Score.SOFT, 5, 19, 0.5, 0.1, 0.6);
    }
  }

  /** What was learned before. */
  public ShnitzerEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.index = new NeighbourIndex(parameters.matrix("embeddings"));
    this.correct = parameters.matrix("correct");
    this.mean = parameters.matrix("mean").row(0);
    this.distances = parameters.matrix("distances");
    this.reliability = parameters.matrix("reliability");
    this.k = (int) parameters.number("k");
    this.kappa = (int) parameters.number("kappa");
    this.threshold = parameters.number("threshold");
    this.width = parameters.number("width");
    this.eta = parameters.number("eta");
    this.score = Score.values()[(int) parameters.number("score")];
  }

  /** Keeps the outcomes and learns how far votes can be trusted. */
  public static ShnitzerEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    var correct = new Matrix(outcomes.size(), outcomes.members().size());
    for (int i = 0; i < correct.values().length; i++) {
      float q = outcomes.quality().values()[i];
      correct.values()[i] = Float.isNaN(q) ? q : q > settings.threshold() ? 1 : 0;
    }
    List<String> sets = outcomes.setNames();
    int known = sets.size() < 2 ? 0 : sets.size();
    var distances = new Matrix(known, 1);
    var reliability = new Matrix(known, correct.columns());
    for (int d = 0; d < known; d++) {
      leaveOut(outcomes, correct, sets.get(d), d, settings, distances, reliability);
    }
    return new ShnitzerEstimator(
        Parameters.of(outcomes.members())
            .with("embeddings", outcomes.embeddings())
            .with("correct", correct)
            .with("mean", Matrix.row(outcomes.meanQualityOr(0)))
            .with("distances", distances)
            .with("reliability", reliability)
            .with("k", settings.k())
            .with("kappa", settings.kappa())
            .with("threshold", settings.threshold())
            .with("width", settings.width())
            .with("eta", settings.eta())
            .with("score", settings.score().ordinal()));
  }

  /** {@code u(d)} and {@code p(d, m)} of a set, seen from the others. */
  private static void leaveOut(
      Outcomes outcomes,
      Matrix correct,
      String set,
      int d,
      Settings settings,
      Matrix distances,
      Matrix reliability) {
    int[] others =
        IntStream.range(0, outcomes.size())
            .filter(i -> !outcomes.sets().get(i).equals(set))
            .toArray();
    int[] its =
        IntStream.range(0, outcomes.size())
            .filter(i -> outcomes.sets().get(i).equals(set))
            .toArray();
    var index = new NeighbourIndex(outcomes.rows(others).embeddings());
    var hits = new double[correct.columns()];
    var seen = new int[correct.columns()];
    double distance = 0;
    for (int i : its) {
      Interruption.check();
      Neighbours near =
          index.search(outcomes.embeddings().row(i), Math.max(settings.k(), settings.kappa()));
      distance += distance(near, settings.kappa()) / its.length;
      for (int m = 0; m < hits.length; m++) {
        float is = correct.at(i, m);
        double share = share(near, settings.k(), correct, others, m);
        if (!Float.isNaN(is) && !Double.isNaN(share)) {
          hits[m] += (share > settings.threshold()) == (is > 0) ? 1 : 0;
          seen[m]++;
        }
      }
    }
    distances.values()[d] = (float) distance;
    for (int m = 0; m < hits.length; m++) {
      reliability.values()[d * hits.length + m] = seen[m] == 0 ? 0.5f : (float) (hits[m] / seen[m]);
    }
  }

  private static double distance(Neighbours near, int kappa) {
    return 1
        - IntStream.range(0, Math.min(kappa, near.size()))
            .mapToDouble(i -> near.similarities()[i])
            .average()
            .orElse(0);
  }

  /** Share of the first {@code k} that a member got right; NaN where it was run on none. */
  private static double share(Neighbours near, int k, Matrix correct, int[] rows, int member) {
    double sum = 0;
    int seen = 0;
    for (int i = 0; i < Math.min(k, near.size()); i++) {
      int row = near.rows()[i];
      float value = correct.at(rows == null ? row : rows[row], member);
      if (!Float.isNaN(value)) {
        sum += value;
        seen++;
      }
    }
    return seen == 0 ? Double.NaN : sum / seen;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    double[] scores = scores(List.of(query), score);
    var deviation = new double[scores.length];
    for (int m = 0; m < scores.length; m++) {
      deviation[m] = Smoothed.deviation(scores[m], Math.min(k, correct.rows()));
      scores[m] += TIE * mean[m];
    }
    return new Estimate(scores, deviation, Estimate.Scale.OUTCOME);
  }

  /** The member for a whole task, given some of its queries: at least one. */
  public String memberForTask(List<Query> task) {
    double[] scores = scores(task, Score.DISTANCE_AWARE);
    int onAverage = Vectors.argmax(Vectors.doubles(mean));
    int best = Vectors.argmax(scores);
    var deviation = new double[scores.length];
    for (int m = 0; m < scores.length; m++) {
      deviation[m] = Smoothed.deviation(scores[m], task.size());
    }
    var estimate = new Estimate(scores, deviation, Estimate.Scale.OUTCOME);
    return members().get(estimate.beats(best, onAverage) > eta ? best : onAverage);
  }

  /** A score of each member over the queries of a task, in [0, 1]. */
  double[] scores(List<Query> task, Score which) {
    var soft = new double[mean.length];
    var hard = new double[mean.length];
    double distance = 0;
    for (Query query : task) {
      Neighbours near =
          index.search(
              query.embedding(parameters.matrix("embeddings").columns()), Math.max(k, kappa));
      distance += distance(near, kappa) / task.size();
      for (int m = 0; m < mean.length; m++) {
        double share = share(near, k, correct, null, m);
        double g = Double.isNaN(share) ? Math.clamp(mean[m], 0, 1) : share;
        soft[m] += g / task.size();
        hard[m] += (g > threshold ? 1.0 : 0.0) / task.size();
      }
    }
    for (int m = 0; m < mean.length; m++) {
      // A sum of n times 1 / n may end above 1.
      soft[m] = Math.min(1, soft[m]);
      hard[m] = Math.min(1, hard[m]);
    }
    return switch (which) {
      case SOFT -> soft;
      case HARD -> hard;
      case DISTANCE_AWARE -> {
        for (int m = 0; m < hard.length; m++) {
          double p = reliability(distance, m);
          hard[m] = hard[m] * p + (1 - hard[m]) * (1 - p);
        }
        yield hard;
      }
    };
  }

  /** {@code p(d', m)} at a distance from the benchmarks. */
  private double reliability(double distance, int member) {
    if (distances.rows() == 0) {
      return 1;
    }
    double closest =
        IntStream.range(0, distances.rows())
            .mapToDouble(d -> Math.abs(distance - distances.at(d, 0)))
            .min()
            .orElseThrow();
    double sum = 0;
    double weights = 0;
    for (int d = 0; d < distances.rows(); d++) {
      double z = (distance - distances.at(d, 0)) / width;
      double nearest = closest / width;
      // Relative to the closest set: far from all of them every kernel would underflow.
      double weight = Math.exp((nearest * nearest - z * z) / 2);
      sum += weight * reliability.at(d, member);
      weights += weight;
    }
    return sum / weights;
  }
}
