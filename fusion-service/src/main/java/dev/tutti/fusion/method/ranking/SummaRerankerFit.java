package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.features.FeatureRows;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.text.WordOverlap;
import dev.tutti.numerics.trees.Boosting;
import dev.tutti.numerics.trees.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How {@link SummaReranker} is fitted: for each metric trees learn which answers of a question are
 * the best by it, with the log-loss. The metrics are the recorded score, and token F1 and ROUGE-L
 * to the answers that were scored the best; questions whose answers were all scored alike teach
 * nothing.
 */
public final class SummaRerankerFit {

  private static final float ROUNDING = 1e-6f;

  /**
   * Settings of the fit.
   *
   * @param overlap whether the overlap with the best answers is learned beside the score
   * @param trees how many a metric
   * @param depth most splits from a root to a leaf
   */
  public record Settings(
      @Setting(
              help =
                  "whether token F1 and ROUGE-L to the best answers are learned beside the score;"
                      + " right for texts, of no use for letters and numbers")
          boolean overlap,
      @Setting(help = "how many trees a metric", min = 1, max = 2000) int trees,
      @Setting(help = "most splits from a root to a leaf", min = 1, max = 24) int depth) {

    /** The defaults: trees as of {@link MoreFit}. */
    public static final Settings DEFAULTS = new Settings(true, 300, 6);
  }

  private SummaRerankerFit() {}

  static long bytes(long answers, int members, Settings settings) {
    return FeatureRows.bytes(
        answers, members, 1, metrics(settings) * settings.trees(), settings.depth());
  }

  /** The score, token F1, ROUGE-L. */
  private static int metrics(Settings settings) {
    return settings.overlap() ? 3 : 1;
  }

  /** As {@link FittedSelector#fit}. */
  static MetricHeads fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    List<Row> telling =
        data.rows().stream()
            .filter(
                row -> {
                  for (boolean right : row.right()) {
                    if (right) {
                      return true;
                    }
                  }
                  return false;
                })
            .toList();
    if (telling.isEmpty()) {
      throw new IllegalArgumentException(
          "Of %d questions none has an answer that is better than another."
              .formatted(data.rows().size()));
    }
    var those = new RecordedAnswers(data.members(), telling);
    FeatureRows rows = FeatureRows.of(those, new AnswerFeatures(data.members()));
    var heads = new ArrayList<Trees>();
    for (int metric = 0; metric < metrics(settings); metric++) {
      var best = new float[rows.targets().length];
      for (int q = 0; q < telling.size(); q++) {
        float[] values = values(telling.get(q), metric);
        float most = Float.NEGATIVE_INFINITY;
        for (float value : values) {
          most = Math.max(most, value);
        }
        for (int i = 0; i < values.length; i++) {
          best[rows.first()[q] + i] = values[i] >= most - ROUNDING ? 1 : 0;
        }
      }
      Trees grown =
          new Boosting(settings.trees(), settings.depth(), MoreFit.RATE, 1, 1, 0.5)
              .fit(rows.features(), best, random);
      heads.add(MoreFit.kept(grown));
    }
    return new MetricHeads(data.members(), heads);
  }

  /** What a metric says of each answer to a question. */
  private static float[] values(Row row, int metric) {
    if (metric == 0) {
      return row.scores();
    }
    boolean[] right = row.right();
    List<List<String>> said =
        row.candidates().answers().stream().map(a -> WordOverlap.words(a.text())).toList();
    var values = new float[right.length];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values.length; j++) {
        if (right[j]) {
          double value =
              metric == 1
                  ? WordOverlap.f1(said.get(i), said.get(j))
                  : WordOverlap.rougeL(said.get(i), said.get(j));
          values[i] = Math.max(values[i], (float) value);
        }
      }
    }
    return values;
  }
}
