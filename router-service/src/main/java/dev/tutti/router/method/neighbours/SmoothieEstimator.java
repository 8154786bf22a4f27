package dev.tutti.router.method.neighbours;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.TripletQuality;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Smoothie at train time: the member is asked whose answers to similar recorded queries lay nearest
 * to those of all others, without any labels (Guha et al. 2024, NeurIPS, arXiv:2412.04692).
 *
 * <p>{@code theta_i ~ 1 / delta_i}, where {@code delta_i} is the error of member i as triples of
 * members tell it ({@link TripletQuality}) from {@code D_ij}, the mean over the {@code neighbours}
 * most similar recorded queries of the squared distance of two members' answers, embedded. 20
 * neighbours (the paper tries 1 to 50); 0 looks at all queries, and always asks the same member. An
 * estimate is theta: a share of all that sums to 1. The test-time variant, which looks at all
 * answers to the query itself, is fusion-service's {@code smoothie}.
 *
 * <p>Departures: answers alone are embedded, as in the authors' code, by the platform's embedder;
 * deltas are clamped; members whose answers are as good as the same are one voice, and each has its
 * weight. A pair that none of the neighbours tells of has its mean over all queries; a query to
 * which fewer than two answered is no neighbour. No scores are read; thresholds of rules are found
 * on scores of held-out queries, as for every estimator. Costs one search ({@link NeighbourIndex}),
 * and grows with the neighbours times the square of the members, and with their cube.
 */
public final class SmoothieEstimator implements QualityEstimator {

  private static final int LEAST_VOICES = 3;

  private final Parameters parameters;
  private final int neighbours;
  private final int[] voices;
  private final float[] whole;
  private final Matrix each;
  private final Optional<NeighbourIndex> index;

  /** How to fit it. */
  public record Settings(
      @Setting(
              help =
                  "How many of the most similar recorded queries tell whom to ask; 0: all queries"
                      + " do, and the same member is always asked.",
              min = 0,
              max = 10_000)
          int neighbours,
      @Setting(
              help =
                  "Mean squared distance of two members' answers, 0 to 4, up to which they count as"
                      + " one: two of a family vouch for each other.",
              min = 0,
              max = 4)
          double clones) {

    /** The defaults. */
    public Settings() {
      this(20, 0.01);
    }
  }

  /** What was learned before. */
  public SmoothieEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.neighbours = (int) parameters.number("neighbours");
    this.whole = parameters.matrix("distances").row(0);
    float[] same = parameters.matrix("voices").row(0);
    this.voices = IntStream.range(0, same.length).map(m -> (int) same[m]).toArray();
    this.each = neighbours == 0 ? new Matrix(0, 0) : parameters.matrix("distances_by_query");
    this.index =
        neighbours == 0
            ? Optional.empty()
            : Optional.of(new NeighbourIndex(parameters.matrix("embeddings")));
  }

  /**
   * Keeps the distances.
   *
   * @throws IllegalArgumentException when nobody's answers were recorded, or fewer than three
   *     members answer differently
   */
  public static SmoothieEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    Matrix distances = outcomes.distances();
    int[] told =
        IntStream.range(0, distances.rows()).filter(row -> isTold(distances.row(row))).toArray();
    if (told.length == 0) {
      throw new IllegalArgumentException(
          "There is no query with the answers of two members: how good they were is not enough.");
    }
    List<float[]> rows = Arrays.stream(told).mapToObj(distances::row).toList();
    int size = outcomes.members().size();
    var unknown = new float[distances.columns()];
    Arrays.fill(unknown, Float.NaN);
    float[] whole = mean(rows, unknown);
    double[][] square = square(whole, size);
    int[] voices = TripletQuality.voices(square, settings.clones());
    long different = Arrays.stream(voices).distinct().count();
    if (different < LEAST_VOICES) {
      throw new IllegalArgumentException(
          "Of %d members %d answer differently; at least %d are needed."
              .formatted(size, different, LEAST_VOICES));
    }
    if (Arrays.stream(TripletQuality.errors(square)).allMatch(Double::isNaN)) {
      throw new IllegalArgumentException(
          "There are no three members of whom each two answered one query.");
    }
    Parameters learned =
        Parameters.of(outcomes.members())
            .with("neighbours", settings.neighbours())
            .with("distances", new Matrix(1, whole.length, whole))
            .with("voices", Matrix.row(Arrays.stream(voices).asDoubleStream().toArray()));
    return new SmoothieEstimator(
        settings.neighbours() == 0
            ? learned
            : learned
                .with("distances_by_query", Matrix.of(rows))
                .with(
                    "embeddings",
                    Matrix.of(Arrays.stream(told).mapToObj(outcomes.embeddings()::row).toList())));
  }

  private static boolean isTold(float[] distances) {
    for (float distance : distances) {
      if (!Float.isNaN(distance)) {
        return true;
      }
    }
    return false;
  }

  /** Of each pair, over the queries that tell it; where none does, what else is known of it. */
  private static float[] mean(List<float[]> rows, float[] otherwise) {
    float[] mean = otherwise.clone();
    for (int pair = 0; pair < mean.length; pair++) {
      double sum = 0;
      int count = 0;
      for (float[] row : rows) {
        if (!Float.isNaN(row[pair])) {
          sum += row[pair];
          count++;
        }
      }
      mean[pair] = count == 0 ? mean[pair] : (float) (sum / count);
    }
    return mean;
  }

  private static double[][] square(float[] distances, int members) {
    var square = new double[members][members];
    for (int i = 0; i < members; i++) {
      for (int j = 0; j < members; j++) {
        square[i][j] = i == j ? 0 : distances[Outcomes.pair(i, j, members)];
      }
    }
    return square;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    float[] near = index.map(its -> near(its, query)).orElse(whole);
    return Estimate.of(
        TripletQuality.weights(square(near, voices.length), voices), Estimate.Scale.PREFERENCE);
  }

  private float[] near(NeighbourIndex its, Query query) {
    var rows = new ArrayList<float[]>();
    float[] embedding = query.embedding(parameters.matrix("embeddings").columns());
    for (int row : its.search(embedding, neighbours).rows()) {
      rows.add(each.row(row));
    }
    return mean(rows, whole);
  }
}
