package dev.tutti.router.method.contrastive;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.KMeans;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.contrastive.RouterDcEstimator.Settings;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** RouterDC's training: both losses, their gradients and Adam's steps. Not thread-safe. */
final class DualContrast {

  private static final int BATCH = 16;
  private static final int OTHERS = 3;
  private static final int ROUNDS = 20;

  /** Of the members' embeddings, as published. */
  private static final double INITIAL_DEVIATION = 0.78;

  private final Outcomes outcomes;
  private final Settings settings;
  private final Matrix all;
  private final RandomGenerator random;
  private final int inputs;
  private final double[] p;
  private final double[] e;
  private final Adam onP;
  private final Adam onE;
  private final int[] cluster;
  private final int[][] ofCluster;
  private final double[] mean;

  /** A vector of unit length, what it was before, and what the loss changes by with it. */
  private static final class Point {
    private final double[] unit;
    private final double norm;
    private final double[] slope;

    Point(double[] raw) {
      norm = Math.max(1e-12, Math.sqrt(Vectors.dot(raw, raw)));
      unit = Vectors.unit(raw);
      slope = new double[raw.length];
    }

    /** The slope by what the vector was before it was scaled. */
    double[] rawSlope() {
      double along = Vectors.dot(slope, unit);
      var raw = new double[slope.length];
      for (int i = 0; i < raw.length; i++) {
        raw[i] = (slope[i] - along * unit[i]) / norm;
      }
      return raw;
    }
  }

  DualContrast(Outcomes outcomes, Settings settings, RandomGenerator random) {
    this.outcomes = outcomes;
    this.settings = settings;
    this.random = random;
    all = outcomes.inputs();
    inputs = all.columns();
    int d = settings.dimensions();
    p = gaussian(d * inputs, 1 / Math.sqrt(inputs));
    // All alike at first, so that equal members stay alike.
    double[] one = gaussian(d, INITIAL_DEVIATION);
    e = IntStream.range(0, d * outcomes.members().size()).mapToDouble(i -> one[i % d]).toArray();
    onP = new Adam(p, settings.rate(), settings.decay());
    onE = new Adam(e, settings.rate(), 0);
    KMeans means = KMeans.fit(outcomes.embeddings(), settings.clusters(), ROUNDS, random);
    cluster = means.assign(outcomes.embeddings());
    ofCluster = new int[means.centres().rows()][];
    for (int c = 0; c < ofCluster.length; c++) {
      int its = c;
      ofCluster[c] = IntStream.range(0, cluster.length).filter(i -> cluster[i] == its).toArray();
    }
    mean = outcomes.meanQualityOr(0);
  }

  private double[] gaussian(int size, double deviation) {
    return IntStream.range(0, size).mapToDouble(i -> deviation * random.nextGaussian()).toArray();
  }

  Matrix projection() {
    return matrix(p, inputs);
  }

  Matrix members() {
    return matrix(e, settings.dimensions());
  }

  private static Matrix matrix(double[] values, int columns) {
    var matrix = new Matrix(values.length / columns, columns);
    for (int i = 0; i < values.length; i++) {
      matrix.values()[i] = (float) values[i];
    }
    return matrix;
  }

  void step() {
    int d = settings.dimensions();
    var llms = new Point[outcomes.members().size()];
    for (int m = 0; m < llms.length; m++) {
      llms[m] = new Point(Arrays.copyOfRange(e, m * d, (m + 1) * d));
    }
    for (int i = 0; i < BATCH; i++) {
      Interruption.check();
      int row = random.nextInt(outcomes.size());
      Point query = point(row);
      sampleLlm(row, query, llms);
      sampleSample(row, query);
      back(row, query);
    }
    for (int m = 0; m < llms.length; m++) {
      double[] slope = llms[m].rawSlope();
      for (int i = 0; i < d; i++) {
        onE.gradient()[m * d + i] += slope[i] / BATCH;
      }
    }
    onP.step();
    onE.step();
  }

  private Point point(int row) {
    var z = new double[settings.dimensions()];
    float[] x = all.values();
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < inputs; j++) {
        z[i] += p[i * inputs + j] * x[row * inputs + j];
      }
    }
    return new Point(z);
  }

  private void back(int row, Point point) {
    double[] slope = point.rawSlope();
    float[] x = all.values();
    double[] gradient = onP.gradient();
    for (int i = 0; i < slope.length; i++) {
      double share = slope[i] / BATCH;
      for (int j = 0; j < inputs; j++) {
        gradient[i * inputs + j] += share * x[row * inputs + j];
      }
    }
  }

  private void sampleLlm(int row, Point query, Point[] llms) {
    int[] ranked =
        IntStream.range(0, llms.length)
            .filter(m -> !Float.isNaN(outcomes.quality().at(row, m)))
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer m) -> -outcomes.quality().at(row, m))
                    .thenComparingDouble(m -> -mean[m]))
            .mapToInt(m -> m)
            .toArray();
    int most = settings.contrasted();
    List<Point> negatives =
        Arrays.stream(ranked)
            .skip(Math.max(0, ranked.length - most))
            .filter(m -> outcomes.quality().at(row, m) <= 0.5)
            .mapToObj(m -> llms[m])
            .toList();
    Arrays.stream(ranked)
        .limit(most)
        .filter(m -> outcomes.quality().at(row, m) > 0)
        .mapToObj(m -> llms[m])
        .filter(positive -> !negatives.contains(positive))
        .forEach(positive -> contrast(query, positive, negatives, 1));
  }

  private void sampleSample(int row, Point query) {
    int[] same = ofCluster[cluster[row]];
    if (settings.sampleSample() == 0 || same.length == outcomes.size()) {
      return;
    }
    int friend = same[random.nextInt(same.length)];
    Point positive = point(friend);
    var rows = new int[OTHERS];
    for (int i = 0; i < OTHERS; i++) {
      do {
        rows[i] = random.nextInt(outcomes.size());
      } while (cluster[rows[i]] == cluster[row]);
    }
    List<Point> negatives = Arrays.stream(rows).mapToObj(this::point).toList();
    contrast(query, positive, negatives, settings.sampleSample());
    back(friend, positive);
    for (int i = 0; i < OTHERS; i++) {
      back(rows[i], negatives.get(i));
    }
  }

  /** Adds the slopes of {@code -weight ln(e^+ / (e^+ + sum e^-))}. */
  private void contrast(Point query, Point positive, List<Point> negatives, double weight) {
    var similarity = new double[negatives.size() + 1];
    similarity[0] = Vectors.dot(query.unit, positive.unit);
    for (int i = 1; i < similarity.length; i++) {
      similarity[i] = Vectors.dot(query.unit, negatives.get(i - 1).unit);
    }
    double[] share = Vectors.softmax(similarity, settings.temperature());
    for (int i = 0; i < share.length; i++) {
      Point other = i == 0 ? positive : negatives.get(i - 1);
      double slope = weight * (share[i] - (i == 0 ? 1 : 0)) / settings.temperature();
      Vectors.add(query.slope, slope, other.unit);
      Vectors.add(other.slope, slope, query.unit);
    }
  }
}
