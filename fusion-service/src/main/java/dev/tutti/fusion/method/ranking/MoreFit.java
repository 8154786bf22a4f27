package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.features.FeatureRows;
import dev.tutti.kit.settings.Setting;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.measure.SelectiveCurve;
import dev.tutti.numerics.trees.Boosting;
import dev.tutti.numerics.trees.Forest;
import dev.tutti.numerics.trees.Trees;
import java.util.random.RandomGenerator;

/**
 * How {@link More} is fitted: trees over {@link AnswerFeatures} learn how good each recorded answer
 * was. How far they can be believed is measured on folds that they have not seen (question number
 * modulo {@value #FOLDS}), then they are grown anew over all questions.
 */
public final class MoreFit {

  private static final int FOLDS = 3;

  /** By which each boosted tree counts. */
  static final double RATE = 0.03;

  /** What is grown. */
  public enum Learner {
    /** A random forest, as in the paper. */
    FOREST,
    /** Boosted trees. */
    BOOSTED
  }

  /**
   * Settings of the fit.
   *
   * @param learner what is grown
   * @param trees how many
   * @param depth most splits from a root to a leaf
   */
  public record Settings(
      @Setting(help = "what is grown: a random forest, or boosted trees") Learner learner,
      @Setting(help = "how many trees", min = 1, max = 2000) int trees,
      @Setting(help = "most splits from a root to a leaf", min = 1, max = 24) int depth) {

    /** The defaults: chosen on training folds of recorded answers. */
    public static final Settings DEFAULTS = new Settings(Learner.BOOSTED, 300, 6);
  }

  private MoreFit() {}

  /** Of all of them, and of the folds that are learned from and measured on. */
  static long bytes(long answers, int members, Settings settings) {
    return FeatureRows.bytes(answers, members, 2, settings.trees(), settings.depth());
  }

  /** As {@link FittedSelector#fit}. */
  static AnswerTrees fit(RecordedAnswers data, Settings settings, RandomGenerator random) {
    if (data.rows().size() < FOLDS) {
      throw new IllegalArgumentException(
          "%d questions are too few; %d are needed at least.".formatted(data.rows().size(), FOLDS));
    }
    FeatureRows rows = FeatureRows.of(data, new AnswerFeatures(data.members()));
    boolean logOdds = settings.learner() == Learner.BOOSTED;
    var sure = new double[rows.questions()];
    var right = new double[rows.questions()];
    int at = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
      Trees trees = grow(rows.fold(FOLDS, fold, false), settings, random);
      var its = new AnswerTrees(data.members(), trees, logOdds, new Matrix(0, 0));
      FeatureRows held = rows.fold(FOLDS, fold, true);
      for (int q = 0; q < held.questions(); q++) {
        sure[at] = -1;
        for (int i = held.first()[q]; i < held.first()[q + 1]; i++) {
          double probability = its.probability(held.features().row(i));
          if (probability > sure[at]) {
            sure[at] = probability;
            right[at] = held.targets()[i];
          }
        }
        at++;
      }
    }
    return new AnswerTrees(
        data.members(),
        grow(rows, settings, random),
        logOdds,
        AnswerTrees.calibration(SelectiveCurve.of(sure, right)));
  }

  private static Trees grow(FeatureRows rows, Settings settings, RandomGenerator random) {
    Trees grown =
        switch (settings.learner()) {
          case FOREST ->
              new Forest(settings.trees(), settings.depth(), 3, 0)
                  .fit(rows.features(), rows.targets(), random);
          case BOOSTED ->
              new Boosting(settings.trees(), settings.depth(), RATE, 1, 1, 0.5)
                  .fit(rows.features(), rows.targets(), random);
        };
    return kept(grown);
  }

  /** As it is kept. */
  static Trees kept(Trees grown) {
    return new Trees((float) grown.base(), grown.nodes(), grown.roots(), grown.features());
  }
}
