package dev.tutti.cascade.estimate;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How good each member's answer to a question will be, by the question alone: ridge regression of
 * the scores over the question's embedding, or the mean score where there is no embedding.
 *
 * @param means mean score by member, in [0, 1]
 * @param heads over the embedding; empty where no embedding is looked at
 */
record ExAnte(double[] means, Optional<LinearHeads> heads) {

  private static final String MEANS = "ex-ante means";
  private static final String HEADS = "ex-ante heads";
  private static final int PARTS = 5;
  private static final double LEAST = .02;

  /**
   * Fits.
   *
   * @param ridge penalty of the squared weights, above 0; 0 where no embedding is looked at
   * @throws IllegalArgumentException when a member never answered, or a score is outside [0, 1]
   */
  static ExAnte fit(RecordedOutcomes data, double ridge) {
    var means = new double[data.members().size()];
    for (int m = 0; m < means.length; m++) {
      means[m] = (float) data.requireShare(m, "an estimate");
    }
    List<Row> embedded = data.rows().stream().filter(row -> row.embedding().isPresent()).toList();
    if (ridge == 0 || embedded.isEmpty()) {
      return new ExAnte(means, Optional.empty());
    }
    Matrix x = Matrix.of(embedded.stream().map(row -> row.embedding().orElseThrow()).toList());
    double[][] y =
        embedded.stream()
            .map(row -> IntStream.range(0, means.length).mapToDouble(row::score).toArray())
            .toArray(double[][]::new);
    return new ExAnte(means, Optional.of(LinearHeads.ridge(x, y, ridge)));
  }

  /**
   * Log-odds for the questions that are learned from, each by what was learned from others:
   * whatever is fitted to these is not misled by what was learned by heart. Questions of one number
   * are in the same of {@value #PARTS} parts.
   *
   * @return by question and member
   */
  static double[][] crossFitted(RecordedOutcomes data, double ridge, ExAnte whole) {
    List<Row> rows = data.rows();
    Map<Long, Integer> parts = new HashMap<>();
    rows.forEach(row -> parts.putIfAbsent(row.number(), parts.size() % PARTS));
    var logits = new double[rows.size()][];
    for (int part = 0; part < PARTS; part++) {
      int its = part;
      int[] rest =
          IntStream.range(0, logits.length)
              .filter(i -> parts.get(rows.get(i).number()) != its)
              .toArray();
      ExAnte fitted = whole.heads().isEmpty() || rest.length == 0 ? whole : of(data, rest, ridge);
      for (int i = 0; i < logits.length; i++) {
        if (parts.get(rows.get(i).number()) == its) {
          logits[i] = fitted.logits(rest.length == 0 ? Optional.empty() : rows.get(i).embedding());
        }
      }
    }
    return logits;
  }

  /** Of some rows; of all where some member did not answer one of these. */
  private static ExAnte of(RecordedOutcomes data, int[] rows, double ridge) {
    RecordedOutcomes some = data.at(rows);
    boolean known =
        IntStream.range(0, data.members().size()).noneMatch(m -> Double.isNaN(some.score(m)));
    return fit(known ? some : data, ridge);
  }

  /** Log-odds by member; an embedding of another width, another model's, tells nothing. */
  double[] logits(Optional<float[]> embedding) {
    double[] quality =
        heads
            .flatMap(
                its ->
                    embedding
                        .filter(vector -> vector.length + 1 == its.weights().columns())
                        .map(its::apply))
            .orElseGet(means::clone);
    return Evidence.logOdds(
        Arrays.stream(quality).map(q -> Math.clamp(q, LEAST, 1 - LEAST)).toArray());
  }

  Parameters with(Parameters kept) {
    Parameters its = kept.with(MEANS, Matrix.row(means));
    return heads.isPresent() ? its.with(HEADS, heads.get().weights()) : its;
  }

  static ExAnte read(Parameters kept) {
    Matrix means = kept.matrix(MEANS);
    return new ExAnte(
        IntStream.range(0, means.columns()).mapToDouble(m -> means.at(0, m)).toArray(),
        Optional.ofNullable(kept.matrices().get(HEADS)).map(LinearHeads::new));
  }
}
