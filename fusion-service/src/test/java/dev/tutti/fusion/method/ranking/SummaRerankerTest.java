package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.trees.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SummaRerankerTest extends FusionContract {

  private static final FittedSelector<
          MetricHeads, SummaRerankerFit.Settings, SummaReranker.Settings>
      FIT = SummaReranker.METHOD;
  private static final SummaRerankerFit.Settings FEW = new SummaRerankerFit.Settings(true, 40, 3);
  private static final RecordedAnswers DATA = data();
  private static final MetricHeads LEARNED = FIT.fit(DATA, FEW, new SplittableRandom(1));

  /** Member a is right of sums, b of all else. */
  private static RecordedAnswers data() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 160; i++) {
      boolean sum = i % 2 == 0;
      rows.add(
          new Row(
              i,
              "",
              Map.of(),
              new Query(sum ? "What is the sum?" : "Who was it?"),
              new Candidates(
                  List.of(
                      new Answer("a", 1, sum ? "it is x" + i : "wrong"),
                      new Answer("b", 1, sum ? "nothing" : "it is y" + i))),
              new float[] {sum ? 1 : 0, sum ? 0 : 1}));
    }
    return new RecordedAnswers(List.of("a", "b"), rows);
  }

  @Override
  protected Selector selector() {
    return FIT.selector(LEARNED, FEW);
  }

  @Test
  void theBestByAllMetricsIsGiven() {
    for (Row row : DATA.rows().subList(0, 20)) {
      Weighing weighing = selector().weigh(row.query(), row.candidates());
      assertEquals(1, row.scores()[weighing.chosen().orElseThrow()]);
    }
  }

  /** A leaf of log-odds 0 is a half, one of log 3 three quarters. */
  @Test
  void probabilitiesAddUp() {
    var odds = (float) Math.log(3);
    var heads = new MetricHeads(List.of("a"), List.of(leaf(0), leaf(odds), leaf(-odds)));
    assertEquals(0.5 + 0.75 + 0.25, heads.score(new float[0]), 1e-6);
  }

  private static Trees leaf(float value) {
    return new Trees(0, new Matrix(1, 5, new float[] {-1, 0, 0, 0, value}), new int[] {0}, 0);
  }

  @Test
  void aHeadAMetric() {
    assertEquals(3, LEARNED.heads().size());
    var one = new SummaRerankerFit.Settings(false, 5, 2);
    var learned = FIT.fit(DATA, one, new SplittableRandom(1));
    assertEquals(1, learned.heads().size());
  }

  @Test
  void whatWasFittedIsReadBack() {
    Parameters kept = FIT.parameters(LEARNED);
    Selector again = FIT.selector(FIT.read(kept), FEW);
    for (Row row : DATA.rows().subList(0, 20)) {
      assertEquals(
          selector().weigh(row.query(), row.candidates()),
          again.weigh(row.query(), row.candidates()));
    }
    var other = new Parameters(List.of("a", "b", "c"), kept.matrices());
    assertThrows(IllegalArgumentException.class, () -> FIT.selector(FIT.read(other), FEW));
  }

  @Test
  void whatTellsNothingIsRefused() {
    List<Row> alike =
        DATA.rows().stream()
            .map(
                row ->
                    new Row(
                        row.number(),
                        "",
                        Map.of(),
                        row.query(),
                        row.candidates(),
                        new float[] {1, 1}))
            .toList();
    assertThrows(
        IllegalArgumentException.class,
        () -> FIT.fit(new RecordedAnswers(DATA.members(), alike), FEW, new SplittableRandom(1)));
  }
}
