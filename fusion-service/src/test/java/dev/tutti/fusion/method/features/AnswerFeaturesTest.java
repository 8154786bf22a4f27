package dev.tutti.fusion.method.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.Matrix;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerFeaturesTest {

  private static final AnswerFeatures FEATURES = new AnswerFeatures(List.of("a", "b", "c"));
  private static final Query QUERY = new Query("How many times 12 + 3, and who asks Why?");

  private static AnswerSignals signals(double mean) {
    return new AnswerSignals(
        OptionalDouble.of(mean),
        OptionalDouble.of(4 * mean),
        OptionalDouble.of(2 * mean),
        OptionalDouble.of(0.5),
        OptionalDouble.of(0.25));
  }

  private static Candidates candidates() {
    return new Candidates(
        List.of(
            new Answer("a", 1, "the red house"),
            new Answer("b", 1, "Red house, 12 times"),
            new Answer("stranger", 1, "red House!")),
        new Evidence(
            Optional.empty(),
            List.of(),
            new LinkedHashMap<>(),
            List.of(signals(-0.1), AnswerSignals.NONE, signals(-0.3))));
  }

  private static double value(String name, int answer) {
    int column = FEATURES.names().indexOf(name);
    assertTrue(column >= 0, name);
    return FEATURES.of(QUERY, candidates()).at(answer, column);
  }

  @Test
  void whoGaveIt() {
    assertEquals(1, value("by a", 0));
    assertEquals(0, value("by b", 0));
    assertEquals(1, value("by b", 1));
    assertEquals(0, value("by a", 2) + value("by b", 2) + value("by c", 2));
  }

  @Test
  void whatWasAsked() {
    assertEquals(1, value("asks how much", 0));
    assertEquals(0, value("asks how", 0));
    assertEquals(1, value("asks who", 1));
    assertEquals(1, value("asks why", 1));
    assertEquals(0, value("asks what", 1));
    // how many times 12 3 and who asks why
    assertEquals(9, value("question's words", 0));
    assertEquals(2, value("question's numerals", 0));
    assertEquals(3, value("question's digits", 0));
    assertEquals(2, value("question's capitals", 0));
    assertEquals(1, value("question's +", 0));
    assertEquals(0, value("question's -", 0));
    assertEquals(3, value("question's h", 0));
    assertEquals(9, value("question's spaces", 0));
  }

  @Test
  void howItIsWritten() {
    assertEquals(13, value("characters", 0));
    assertEquals(3, value("words", 0));
    assertEquals(0, value("words beyond the mean", 0), 1e-6);
    assertEquals(1, value("words beyond the mean", 1), 1e-6);
    assertEquals(1, value("numerals", 1));
    // Of red, house, 12, times two are asked; 2 * 2 / (4 + 9).
    assertEquals(4 / 13.0, value("overlap with the question", 1), 1e-6);
    assertEquals(0.5, value("share from the question", 1), 1e-6);
  }

  @Test
  void whoElseSaidIt() {
    // Articles and case do not count.
    assertEquals(1, value("others that say the same", 0));
    assertEquals(0, value("others that say the same", 1));
    assertEquals(1, value("others that say the same", 2));
    assertEquals(2, value("different answers", 0));
    assertEquals(1, value("that say another thing together", 0));
    assertEquals(2, value("that say another thing together", 1));
    // the red house, red house 12 times: 2 * 2 / (3 + 4).
    assertEquals(4 / 7.0, value("f1 with a", 1), 1e-6);
    assertEquals(-1, value("f1 with a", 0));
    assertEquals(-1, value("f1 with c", 0));
    // With red house 4/5.
    assertEquals((4 / 7.0 + 4 / 5.0) / 2, value("mean f1", 0), 1e-6);
    assertEquals(0.8, value("greatest f1", 0), 1e-6);
  }

  @Test
  void howSureItsMemberWas() {
    assertEquals(-0.1, value("mean log-probability", 0), 1e-6);
    assertEquals(-0.4, value("sum of log-probabilities", 0), 1e-6);
    assertEquals(-0.2, value("least log-probability", 0), 1e-6);
    assertEquals(0.5, value("mean distance to uniform", 0));
    assertEquals(0.25, value("least distance to uniform", 0));
    assertEquals(Double.NaN, value("mean log-probability", 1));
    // a and the stranger say the same, b says another thing and nobody knows how sure it is.
    for (int i : new int[] {0, 2}) {
      assertEquals(-0.1, value("surest that says the same", i), 1e-6);
      assertEquals(-0.4, value("most probable that says the same", i), 1e-6);
      assertEquals(Double.NaN, value("surest that says another thing", i));
      assertEquals(Double.NaN, value("surest of the same less that of another", i));
    }
    assertEquals(Double.NaN, value("surest that says the same", 1));
    assertEquals(-0.1, value("surest that says another thing", 1), 1e-6);
    assertEquals(-0.4, value("most probable that says another thing", 1), 1e-6);
    assertEquals(0, value("below the surest", 0));
    assertEquals(-0.2, value("below the surest", 2), 1e-6);
    assertEquals(Double.NaN, value("below the surest", 1));
    assertEquals(1, value("share by confidence", 0), 1e-6);
    assertEquals(0, value("share by confidence", 1));
    assertEquals(-0.1, value("mean log-probability of a", 2), 1e-6);
    assertEquals(Double.NaN, value("mean log-probability of c", 2));
  }

  @Test
  void howMuchSurerOnesSideIs() {
    var two =
        new Candidates(
            List.of(new Answer("a", 1, "red"), new Answer("b", 1, "blue")),
            new Evidence(
                Optional.empty(),
                List.of(),
                new LinkedHashMap<>(),
                List.of(signals(-0.1), signals(-0.3))));
    Matrix rows = FEATURES.of(QUERY, two);
    int mean = FEATURES.names().indexOf("surest of the same less that of another");
    int sum = FEATURES.names().indexOf("most probable of the same less that of another");
    assertEquals(0.2, rows.at(0, mean), 1e-6);
    assertEquals(-0.2, rows.at(1, mean), 1e-6);
    assertEquals(0.8, rows.at(0, sum), 1e-6);
    assertEquals(-0.8, rows.at(1, sum), 1e-6);
  }

  @Test
  void aFitSeesWhatARequestSees() {
    var row = new Row(1, "", Map.of(), QUERY, candidates(), new float[] {1, 3, 2});
    var data = new RecordedAnswers(List.of("a", "b", "c"), List.of(row, row));
    FeatureRows rows = FeatureRows.of(data, FEATURES);
    Matrix request = FEATURES.of(QUERY, candidates());
    for (int i = 0; i < 6; i++) {
      assertArrayEquals(request.row(i % 3), rows.features().row(i));
    }
    assertArrayEquals(new int[] {0, 3, 6}, rows.first());
    // Scores from 1 to 3 are stretched to 0 to 1.
    assertArrayEquals(new float[] {0, 1, 0.5f, 0, 1, 0.5f}, rows.targets());
    assertArrayEquals(new int[] {0, 3}, rows.fold(2, 1, false).first());
    assertArrayEquals(request.row(2), rows.fold(2, 1, true).features().row(2));
  }

  @Test
  void scoresWithinTheRangeStay() {
    var row = new Row(1, "", Map.of(), QUERY, candidates(), new float[] {0.5f, 0.25f, 0.5f});
    var data = new RecordedAnswers(List.of("a"), List.of(row));
    assertArrayEquals(new float[] {0.5f, 0.25f, 0.5f}, FeatureRows.of(data, FEATURES).targets());
  }

  @Test
  void oddTextsHaveFeaturesToo() {
    assertEquals(FEATURES.names().size(), new HashSet<>(FEATURES.names()).size());
    for (String text : List.of("", " ", "é中😀", "\u0000", "x".repeat(10_000))) {
      Matrix matrix =
          FEATURES.of(new Query(text), new Candidates(List.of(new Answer("a", 1, text))));
      assertEquals(FEATURES.names().size(), matrix.columns());
    }
  }

  /** 4 bytes a copy and one in bins for each column, 64 an answer, and 64 a node. */
  @Test
  void whatTreesTakeIsKnownBefore() {
    for (int members : new int[] {1, 2, 11}) {
      List<String> names = IntStream.range(0, members).mapToObj(i -> "m" + i).toList();
      long columns = new AnswerFeatures(names).names().size();
      assertEquals(
          30_000 * (columns * (2 * 4 + 1) + 64) + 300 * 128 * 64,
          FeatureRows.bytes(30_000, members, 2, 300, 6));
      // Deep ones have no more leaves than a third of the answers.
      assertEquals(
          300 * (columns * (4 + 1) + 64) + 10 * 200 * 64,
          FeatureRows.bytes(300, members, 1, 10, 24));
    }
  }
}
