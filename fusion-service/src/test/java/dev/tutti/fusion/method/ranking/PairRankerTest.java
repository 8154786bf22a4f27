package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.features.AnswerFeatures;
import dev.tutti.fusion.method.features.FeatureRows;
import dev.tutti.fusion.method.ranking.LlmBlender.Aggregation;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Ran;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class PairRankerTest extends FusionContract {

  private static final FittedSelector<PairHead, PairRankerFit.Settings, PairRanker.Settings> FIT =
      PairRanker.METHOD;
  private static final PairRankerFit.Settings FEW =
      new PairRankerFit.Settings(4, 15, 2, 0.03, 0.01);
  private static final RecordedAnswers DATA = data(1, 0);
  private static final PairHead LEARNED = FIT.fit(DATA, FEW, new SplittableRandom(1));

  /** Member a is right of sums, b of all else; c never. */
  private static RecordedAnswers data(float right, float wrong) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 60; i++) {
      boolean sum = i % 2 == 0;
      rows.add(
          new Row(
              i,
              "",
              Map.of(),
              new Query(sum ? "What is the sum?" : "Who was it?"),
              new Candidates(
                  List.of(
                      new Answer("a", 1, "it is x" + i),
                      new Answer("b", 1, "it is y" + i),
                      new Answer("c", 1, "it is z" + i))),
              new float[] {sum ? right : wrong, sum ? wrong : right, wrong}));
    }
    return new RecordedAnswers(List.of("a", "b", "c"), rows);
  }

  private static Selector by(Aggregation aggregation, PairHead head) {
    return new PairRanker(new PairRanker.Settings("", aggregation, AnswerForm.AUTO), head, 0);
  }

  @Override
  protected Selector selector() {
    return FIT.selector(LEARNED, FEW);
  }

  @Test
  void theBetterAnswerIsGivenByEveryAggregation() {
    for (Aggregation aggregation : Aggregation.values()) {
      for (Row row : DATA.rows().subList(0, 20)) {
        Weighing weighing = by(aggregation, LEARNED).weigh(row.query(), row.candidates());
        int chosen = weighing.chosen().orElseThrow();
        assertEquals(1, row.scores()[chosen], aggregation.name());
        for (double weight : weighing.weights()) {
          assertTrue(weight <= weighing.weights().get(chosen), weighing.toString());
        }
      }
    }
  }

  @Test
  void scoresOfAnyScaleTeachTheSame() {
    PairHead far = FIT.fit(data(10, -10), FEW, new SplittableRandom(1));
    assertEquals(LEARNED.parameters().matrices().keySet(), far.parameters().matrices().keySet());
    for (Row row : DATA.rows().subList(0, 20)) {
      assertEquals(
          selector().weigh(row.query(), row.candidates()),
          FIT.selector(far, FEW).weigh(row.query(), row.candidates()));
    }
  }

  /** A head for which more words are better, a tenth of a unit each. */
  private static PairHead words() {
    return more("words", 0.1f);
  }

  /** A head that has learned about a, for which more of a feature is better. */
  static PairHead more(String feature, float unit) {
    List<String> names = new AnswerFeatures(List.of("a")).names();
    int features = names.size();
    var scale = new Matrix(2, features);
    int its = names.indexOf(feature);
    scale.values()[features + its] = unit;
    var first = new Matrix(features + 1, 2);
    first.values()[2 * its] = 1;
    return new PairHead(List.of("a"), scale, first, new Matrix(1, 1, new float[] {1}));
  }

  /**
   * By hand: {@code s(i, j) = tanh(.1 n_i) - tanh(.1 n_j)} of 1, 3 and 2 words; the first is .1916
   * and .0977 below the others, so its score is -2 (.1916 + .0977) / 2.
   */
  @Test
  void scoresByHand() {
    var candidates =
        new Candidates(
            List.of(
                new Answer("a", 1, "one"),
                new Answer("b", 1, "one two three"),
                new Answer("c", 1, "one two")));
    double[] t = {Math.tanh(.1), Math.tanh(.3), Math.tanh(.2)};
    double[] scores = {
      2 * t[0] - t[1] - t[2], 2 * t[1] - t[0] - t[2], 2 * t[2] - t[0] - t[1],
    };
    double sum = Math.exp(scores[0]) + Math.exp(scores[1]) + Math.exp(scores[2]);
    Weighing weighing = by(Aggregation.MAX_LOGITS, words()).weigh(new Query("Which?"), candidates);
    assertEquals(1, weighing.chosen().orElseThrow());
    for (int i = 0; i < 3; i++) {
      assertEquals(Math.exp(scores[i]) / sum, weighing.weights().get(i), 1e-6);
    }
    // Wins 0, 2 of both orders, 1 of both orders: means over two others.
    weighing = by(Aggregation.MAX_WINS, words()).weigh(new Query("Which?"), candidates);
    assertEquals(1, weighing.chosen().orElseThrow());
    double wins = Math.exp(0) + Math.exp(2) + Math.exp(1);
    assertEquals(Math.exp(2) / wins, weighing.weights().get(1), 1e-6);
    assertEquals(Math.exp(1) / wins, weighing.weights().get(2), 1e-6);
  }

  /** More words are better, but whoever has the most failed its tests. */
  @Test
  void whoFailedItsTestsIsPassedOverWhereAnybodyPassedThem() {
    for (Aggregation aggregation : Aggregation.values()) {
      for (boolean passed : new boolean[] {true, false}) {
        Weighing weighing =
            by(aggregation, words())
                .weigh(
                    new Query("Which?"),
                    new Candidates(
                        List.of(
                            new Answer("a", 1, "one two three").withoutVote(),
                            ran("b", "one", passed ? Optional.of("x") : Optional.empty()),
                            ran("c", "", Optional.empty()))));
        assertEquals(passed ? 1 : 0, weighing.chosen().orElseThrow(), aggregation.name());
      }
    }
  }

  private static Answer ran(String member, String text, Optional<String> gave) {
    return new Answer(member, 0, 1, text, Optional.empty(), Optional.of(new Ran(gave)), member);
  }

  @Test
  void weightsThatWouldGrowWithoutEndAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> new PairRankerFit.Settings(4, 15, 2, .01, 100));
    // Below 1 in the settings, but not for such steps.
    var rows = FeatureRows.of(DATA, new AnswerFeatures(DATA.members()));
    rows.targets()[0] = Float.POSITIVE_INFINITY;
    String why =
        assertThrows(
                IllegalArgumentException.class,
                () -> PairRankerFit.fit(DATA.members(), rows, FEW, new SplittableRandom(1)))
            .getMessage();
    assertTrue(why.contains("grow without end"), why);
  }

  @Test
  void theChampionIsTheBestWhateverTheOrder() {
    var random = new Random(13);
    for (int run = 0; run < 100; run++) {
      var answers = new ArrayList<Answer>();
      int size = 2 + random.nextInt(12);
      for (int i = 0; i < size; i++) {
        answers.add(new Answer("m" + i, 1, "word ".repeat(i + 1)));
      }
      Answer longest = answers.getLast();
      Collections.shuffle(answers, random);
      int chosen =
          by(Aggregation.BUBBLE, words())
              .weigh(new Query("Which?"), new Candidates(answers))
              .chosen()
              .orElseThrow();
      assertEquals(longest, answers.get(chosen));
    }
  }

  @Test
  void blankAnswersComeLastAndEvenOnesStandByTheirPriors() {
    for (Aggregation aggregation : Aggregation.values()) {
      var blank = new Candidates(List.of(new Answer("a", 1, "  "), new Answer("b", .1, "it is")));
      assertEquals(
          1,
          by(aggregation, LEARNED)
              .weigh(new Query("What is the sum?"), blank)
              .chosen()
              .orElseThrow());
      var even = new Candidates(List.of(new Answer("d", 1, "same"), new Answer("e", 2, "same")));
      assertEquals(
          1, by(aggregation, LEARNED).weigh(new Query("Who was it?"), even).chosen().orElseThrow());
    }
  }

  @Test
  void whatWasFittedIsReadBackAndTheSameDataFitTheSame() {
    Parameters kept = FIT.parameters(LEARNED);
    Selector again = FIT.selector(FIT.read(kept), FEW);
    Selector anew = FIT.selector(FIT.fit(DATA, FEW, new SplittableRandom(1)), FEW);
    Selector other = FIT.selector(FIT.fit(DATA, FEW, new SplittableRandom(2)), FEW);
    for (Row row : DATA.rows().subList(0, 20)) {
      Weighing weighing = selector().weigh(row.query(), row.candidates());
      assertEquals(weighing, again.weigh(row.query(), row.candidates()));
      assertEquals(weighing, anew.weigh(row.query(), row.candidates()));
      assertNotEquals(weighing, other.weigh(row.query(), row.candidates()), "another seed");
    }
  }

  @Test
  void whatIsNoArtifactOfItIsRefused() {
    Parameters kept = FIT.parameters(LEARNED);
    var other = new Parameters(List.of("a", "b", "c", "d"), kept.matrices());
    var e = assertThrows(IllegalArgumentException.class, () -> FIT.selector(FIT.read(other), FEW));
    assertTrue(e.getMessage().contains("Fit it anew"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> FIT.read(kept.with("out", 1)));
    assertThrows(
        IllegalArgumentException.class, () -> FIT.read(Parameters.of(List.of("a", "b", "c"))));
  }

  /** By hand: 32 weights a feature and for the bias, 36 bytes each, beside the features. */
  @Test
  void whatAFitTakesIsTold() {
    var settings = new PairRankerFit.Settings(16, 1, 1, 1, 0);
    int features = new AnswerFeatures(List.of("a", "b", "c")).names().size();
    assertEquals(
        FeatureRows.bytes(1000, 3, 1, 0, 1) + 32L * (features + 1) * 36,
        FIT.bytes(1000, 3, settings));
  }

  @Test
  void whatTellsNothingIsRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> FIT.fit(data(1, 1), FEW, new SplittableRandom(1)));
    assertTrue(e.getMessage().contains("better than another"), e.getMessage());
  }

  @Test
  void whoWasInterruptedGivesUp() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> FIT.fit(DATA, FEW, new SplittableRandom(1)));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
