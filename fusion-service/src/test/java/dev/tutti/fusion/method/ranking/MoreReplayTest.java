package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.ranking.MoreFit.Learner;
import dev.tutti.fusion.method.vote.RecordedVotes;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.measure.SelectiveCurve;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rankers over recorded answers of real models. */
@Tag("replay")
class MoreReplayTest {

  private static final int FOLDS = RecordedVotes.FOLDS;
  private static final MoreFit.Settings FOREST = new MoreFit.Settings(Learner.FOREST, 100, 24);

  /** Of the many answers of mmlupro_votes those to one question of so many are learned from. */
  private static final int SPARSE = 4;

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.write();
  }

  /** Of each question how good the chosen answer is, and how sure the method was. */
  private record Measured(double[] scores, double[] sure) {}

  /**
   * Fitted to the other folds.
   *
   * @param every one question of so many is learned from
   */
  private static Measured measure(RecordedAnswers data, MoreFit.Settings settings, int every) {
    int size = data.rows().size();
    var measured = new Measured(new double[size], new double[size]);
    var features = new AnswerFeatures(data.members());
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      int[] others =
          IntStream.range(0, size)
              .filter(i -> i % FOLDS != held && i / FOLDS % every == 0)
              .toArray();
      AnswerTrees trees = MoreFit.fit(data.at(others), settings, new SplittableRandom(1));
      Selector selector = More.METHOD.selector(trees, settings);
      for (int i = fold; i < size; i += FOLDS) {
        Row row = data.rows().get(i);
        int chosen = selector.weigh(row.query(), row.candidates()).chosen().orElseThrow();
        measured.scores()[i] = row.scores()[chosen];
        measured.sure()[i] =
            trees.probability(features.of(row.query(), row.candidates()).row(chosen));
      }
    }
    return measured;
  }

  @Test
  void moreExperts() {
    var votes = new RecordedVotes("more_experts4", false);
    Measured boosted = measure(votes.answers(), MoreFit.Settings.DEFAULTS, 1);
    double reached = votes.macro(boosted.scores());
    String metric = "macro exact match";
    add("more_experts4", "more, boosted trees", metric, reached, boosted);
    Measured forest = measure(votes.answers(), FOREST, 1);
    add("more_experts4", "more, forest", metric, votes.macro(forest.scores()), forest);
    REPORT.note(
        "more: fitted to four fifths of the rows, used on the other fifth (row number modulo 5), in turn; risk is the share of wrong answers among the surest half, or four fifths, of all questions.");
    assertTrue(reached >= 0.57, reached + " macro exact match");
  }

  @Test
  void mmluPro() {
    var votes = new RecordedVotes("mmlupro_votes", false);
    Measured forest = measure(votes.answers(), FOREST, SPARSE);
    double reached = Arrays.stream(forest.scores()).average().orElseThrow();
    add("mmlupro_votes", "more, forest", "accuracy", reached, forest);
    REPORT.note(
        "mmlupro_votes: more is fitted to one question of %d of the four fifths, whose 28 answers each are as many as it takes; without the options' texts, categories or embeddings."
            .formatted(SPARSE));
  }

  private static void add(
      String set, String method, String metric, double reached, Measured measured) {
    REPORT.add(set, method, metric, reached);
    SelectiveCurve curve = SelectiveCurve.of(measured.sure(), measured.scores());
    for (double coverage : new double[] {0.5, 0.8}) {
      REPORT.add(set, method, "risk at coverage " + coverage, curve.risk(coverage));
    }
  }
}
