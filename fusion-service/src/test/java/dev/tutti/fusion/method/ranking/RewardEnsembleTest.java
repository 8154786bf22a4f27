package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.ranking.RewardEnsemble.Combination;
import dev.tutti.fusion.method.ranking.RewardEnsemble.Reading;
import dev.tutti.fusion.method.ranking.RewardEnsemble.Settings;
import dev.tutti.kit.calls.Episode.TextScore;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Ran;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RewardEnsembleTest extends FusionContract {

  private static final double NONE = Double.NaN;

  /** Standardised (-1, -1, 2) / sqrt(2), and (1, 1, -2) / sqrt(2) with a third scorer between. */
  private static final double[][] SPLIT = {{0, 0, 3}, {10, 20, 15}, {0, 0, 0}};

  @Override
  protected Selector selector() {
    return new RewardEnsemble(Settings.DEFAULTS);
  }

  private static Weighing weighed(Combination combination, double[]... scores) {
    return weighed(
        new Settings(combination, 0.5, Reading.SUM, AnswerForm.TEXT),
        Arrays.stream(scores)
            .map(
                its ->
                    Arrays.stream(its)
                        .mapToObj(
                            s ->
                                Double.isNaN(s)
                                    ? Optional.<TextScore>empty()
                                    : Optional.of(new TextScore(s, List.of())))
                        .toList())
            .toList());
  }

  private static Weighing weighed(Settings settings, List<List<Optional<TextScore>>> scores) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < scores.getFirst().size(); i++) {
      answers.add(new Answer("m" + i, 1, "answer " + i));
    }
    var byScorer = new LinkedHashMap<String, List<Optional<TextScore>>>();
    scores.forEach(its -> byScorer.put("scorer " + byScorer.size(), its));
    return new RewardEnsemble(settings)
        .weigh(
            new Query("q"),
            new Candidates(
                answers, new Evidence(Optional.empty(), List.of(), byScorer, List.of())));
  }

  /** Logarithms of weights differ by as much as combined rewards do. */
  private static double lead(Weighing weighing, int one, int other) {
    return Math.log(weighing.weights().get(one)) - Math.log(weighing.weights().get(other));
  }

  @Test
  void whoGaveNothingThatCountsIsPassedOverWhereAnybodyGaveSomething() {
    var first = new Answer("a", 9, "x").withoutVote();
    var second =
        new Answer("b", 0, 1, "y", Optional.empty(), Optional.of(new Ran(Optional.of("14"))), "b");
    var third = new Answer("c", 2, "z").withoutVote();
    var scores =
        List.of(
            Optional.of(new TextScore(5, List.of())),
            Optional.of(new TextScore(1, List.of())),
            Optional.of(new TextScore(7, List.of())));
    for (boolean anybody : new boolean[] {true, false}) {
      var byScorer = new LinkedHashMap<String, List<Optional<TextScore>>>();
      byScorer.put("scorer", scores);
      var candidates =
          new Candidates(
              List.of(first, anybody ? second : second.withoutVote(), third),
              new Evidence(Optional.empty(), List.of(), byScorer, List.of()));
      Weighing weighing = selector().weigh(new Query("q"), candidates);
      assertEquals(anybody ? 1 : 2, weighing.chosen().orElseThrow());
    }
  }

  @Test
  void rewardsAreStandardised() {
    double root = Math.sqrt(2);
    assertArrayEquals(
        new double[] {-1 / root, -1 / root, root},
        RewardEnsemble.standardised(new double[] {0, 0, 3}),
        1e-12);
    assertArrayEquals(
        new double[] {0, 0, 0}, RewardEnsemble.standardised(new double[] {7, 7, 7}), 0);
    assertArrayEquals(
        new double[] {-1, NONE, 1}, RewardEnsemble.standardised(new double[] {3, NONE, 5}), 1e-12);
  }

  @Test
  void threeCombinations() {
    // Standardised rewards: m0 (-.7071, -1.2247, 0), m1 (-.7071, 1.2247, 0), m2 (1.4142, 0, 0).
    Weighing mean = weighed(Combination.MEAN, SPLIT);
    assertEquals(2, mean.chosen().orElseThrow());
    assertEquals((1.414214 - (1.224745 - 0.707107)) / 3, lead(mean, 2, 1), 1e-6);
    assertEquals(2 * 1.224745 / 3, lead(mean, 1, 0), 1e-6);
    Weighing worst = weighed(Combination.WORST_CASE, SPLIT);
    assertEquals(2, worst.chosen().orElseThrow());
    assertEquals(0.707107, lead(worst, 2, 1), 1e-6);
    assertEquals(1.224745 - 0.707107, lead(worst, 1, 0), 1e-6);
    // Variances: m1 (.5 + 1.5) / 3 - .172546^2 = .636895, m2 2/3 - .471405^2 = .444444.
    Weighing careful = weighed(Combination.UNCERTAINTY_WEIGHTED, SPLIT);
    assertEquals(2, careful.chosen().orElseThrow());
    assertEquals(
        0.471405 - 0.5 * 0.444444 - (0.172546 - 0.5 * 0.636895), lead(careful, 2, 1), 1e-5);
  }

  @Test
  void whoPleasesOneScorerAloneLosesToWhomAllFindGood() {
    double[][] scores = {{10, 1, 0, 0}, {0, 1, 0, 0.5}, {0, 1, 0.5, 0}};
    assertEquals(1, weighed(Combination.MEAN, scores).chosen().orElseThrow());
    assertEquals(1, weighed(Combination.WORST_CASE, scores).chosen().orElseThrow());
    assertEquals(1, weighed(Combination.UNCERTAINTY_WEIGHTED, scores).chosen().orElseThrow());
  }

  @Test
  void onlyOneScorerHasNoVariance() {
    double[] scores = {1, 3, 2};
    List<Double> weights = weighed(Combination.MEAN, scores).weights();
    assertEquals(weights, weighed(Combination.WORST_CASE, scores).weights());
    assertEquals(weights, weighed(Combination.UNCERTAINTY_WEIGHTED, scores).weights());
    assertEquals(1, weighed(Combination.MEAN, scores).chosen().orElseThrow());
  }

  @Test
  void whatNobodyScoredComesLast() {
    Weighing weighing = weighed(Combination.MEAN, new double[] {NONE, -5, -6});
    assertEquals(1, weighing.chosen().orElseThrow());
    assertEquals(0, weighing.weights().getFirst());
    Weighing nobody = weighed(Combination.MEAN, new double[] {NONE, NONE});
    assertEquals(0, nobody.chosen().orElseThrow());
    assertEquals(List.of(0.5, 0.5), nobody.weights());
    assertTrue(nobody.explanation().contains("Nobody"), nobody.explanation());
  }

  @Test
  void longTextsAreNotPunishedByTheMean() {
    List<List<Optional<TextScore>>> scores =
        List.of(
            List.of(
                Optional.of(new TextScore(-4, Collections.nCopies(8, -0.5))),
                Optional.of(new TextScore(-2, Collections.nCopies(2, -1.0)))));
    var mean = new Settings(Combination.MEAN, 0, Reading.TOKEN_MEAN, AnswerForm.TEXT);
    var sum = new Settings(Combination.MEAN, 0, Reading.SUM, AnswerForm.TEXT);
    assertEquals(0, weighed(mean, scores).chosen().orElseThrow());
    assertEquals(1, weighed(sum, scores).chosen().orElseThrow());
  }

  @Test
  void absurdRewardsAreNone() {
    Weighing weighing = weighed(Combination.MEAN, new double[] {Double.POSITIVE_INFINITY, 1, 2});
    assertEquals(2, weighing.chosen().orElseThrow());
  }
}
