package dev.tutti.fusion.method.similarity;

import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.TripletQuality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How far apart members' answers lie, on average over recorded questions and, for {@code
 * neighbours} above 0, question by question. No scores are read. A pure function of the data: no
 * chance is used.
 */
public final class SmoothieVoices implements LearnedFusion {

  private static final String WHOLE = "distances";
  private static final String VOICES = "voices";
  private static final String NEIGHBOURS = "neighbours";
  private static final String QUERIES = "queries";
  private static final String EACH = "distances_by_query";

  /**
   * Settings of the fit.
   *
   * @param neighbours recorded questions that are looked at; 0 for all, whatever is asked
   * @param clones mean squared distance up to which two members are one voice
   */
  public record Settings(
      @Setting(
              help =
                  "How many of the most similar recorded questions tell whom to believe; 0: all"
                      + " questions do, and the same member is always believed.",
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
    public static final Settings DEFAULTS = new Settings(20, 0.01);
  }

  private final Parameters parameters;
  private final int[] voices;
  private final int neighbours;
  private final double[] weights;
  private final Optional<NeighbourIndex> index;

  /** What was learned before. */
  public SmoothieVoices(Parameters parameters) {
    this.parameters = parameters;
    this.voices = new int[parameters.members().size()];
    for (int m = 0; m < voices.length; m++) {
      voices[m] = (int) parameters.matrix(VOICES).at(0, m);
    }
    this.neighbours = (int) parameters.number(NEIGHBOURS);
    this.weights = TripletQuality.weights(whole(), voices);
    this.index =
        neighbours == 0
            ? Optional.empty()
            : Optional.of(new NeighbourIndex(parameters.matrix(QUERIES)));
  }

  /**
   * Learns.
   *
   * @throws IllegalArgumentException when there are fewer than three different members
   */
  public static SmoothieVoices fit(RecordedAnswers data, Settings settings) {
    var queries = new ArrayList<float[]>();
    var each = new ArrayList<float[]>();
    int size = data.members().size();
    var all = new Distances(size);
    for (Row row : data.rows()) {
      var its = new Distances(size);
      its.add(data.members(), row.candidates().answers(), row.candidates().evidence());
      all.add(its.mean());
      if (settings.neighbours() > 0 && row.candidates().evidence().query().isPresent()) {
        queries.add(row.candidates().evidence().query().get());
        each.add(flat(its.mean()));
      }
    }
    double[][] whole = all.mean();
    int[] voices = TripletQuality.voices(whole, settings.clones());
    if (Arrays.stream(voices).distinct().count() < 3) {
      throw new IllegalArgumentException(
          "Of %d members %d answer differently; at least 3 are needed."
              .formatted(size, Arrays.stream(voices).distinct().count()));
    }
    if (settings.neighbours() > 0 && queries.isEmpty()) {
      throw new IllegalArgumentException("None of the questions says anything.");
    }
    Parameters parameters =
        Parameters.of(data.members())
            .with(WHOLE, Matrix.of(List.of(flat(whole))))
            .with(VOICES, Matrix.row(Arrays.stream(voices).asDoubleStream().toArray()))
            .with(NEIGHBOURS, settings.neighbours());
    return new SmoothieVoices(
        settings.neighbours() == 0
            ? parameters
            : parameters.with(QUERIES, Matrix.of(queries)).with(EACH, Matrix.of(each)));
  }

  /** Whether it looks at the questions most similar to the one asked, and at that one's answers. */
  boolean isLocal() {
    return index.isPresent();
  }

  /**
   * How much each of {@link #members} is believed, {@code theta}; at least 0, with a sum of 1.
   *
   * @param query embedding of the question; the weights over all where there is none
   * @param own how far apart the answers to this question lie, {@code [i][j]}; NaN for whom there
   *     is none
   */
  double[] weights(Optional<float[]> query, double[][] own) {
    if (index.isEmpty() || query.isEmpty()) {
      return weights.clone();
    }
    if (query.get().length != parameters.matrix(QUERIES).columns()) {
      throw new IllegalArgumentException(
          "The question's embedding has %d numbers; those of the fit have %d."
              .formatted(query.get().length, parameters.matrix(QUERIES).columns()));
    }
    var near = new Distances(voices.length);
    near.add(own);
    for (int row : index.get().search(query.get(), neighbours).rows()) {
      near.add(square(parameters.matrix(EACH).row(row), voices.length));
    }
    return TripletQuality.weights(near.mean(), voices);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  private double[][] whole() {
    return square(parameters.matrix(WHOLE).row(0), voices.length);
  }

  /** The pairs i &lt; j, row by row. */
  private static float[] flat(double[][] distances) {
    int size = distances.length;
    var flat = new float[size * (size - 1) / 2];
    int at = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        flat[at++] = (float) distances[i][j];
      }
    }
    return flat;
  }

  private static double[][] square(float[] flat, int size) {
    var square = new double[size][size];
    int at = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        square[i][j] = flat[at++];
        square[j][i] = square[i][j];
      }
    }
    return square;
  }

  /** Mean distances of pairs, over those that are known. */
  static final class Distances {

    private final double[][] sums;
    private final int[][] counts;

    Distances(int size) {
      this.sums = new double[size][size];
      this.counts = new int[size][size];
    }

    /** Of answers to one question; NaN where one of a pair has none. */
    void add(List<String> members, List<Answer> answers, Evidence evidence) {
      List<Optional<float[]>> embeddings = evidence.embeddings();
      for (int a = 0; a < embeddings.size(); a++) {
        for (int b = 0; b < embeddings.size(); b++) {
          int i = members.indexOf(answers.get(a).knownAs());
          int j = members.indexOf(answers.get(b).knownAs());
          if (i >= 0
              && j >= 0
              && i != j
              && embeddings.get(a).isPresent()
              && embeddings.get(b).isPresent()) {
            sums[i][j] += TripletQuality.distance(embeddings.get(a).get(), embeddings.get(b).get());
            counts[i][j]++;
          }
        }
      }
    }

    void add(double[][] distances) {
      for (int i = 0; i < sums.length; i++) {
        for (int j = 0; j < sums.length; j++) {
          if (!Double.isNaN(distances[i][j])) {
            sums[i][j] += distances[i][j];
            counts[i][j]++;
          }
        }
      }
    }

    double[][] mean() {
      var mean = new double[sums.length][sums.length];
      for (int i = 0; i < mean.length; i++) {
        for (int j = 0; j < mean.length; j++) {
          mean[i][j] = i == j ? 0 : sums[i][j] / counts[i][j];
        }
      }
      return mean;
    }
  }
}
