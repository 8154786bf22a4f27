package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.method.vote.MajorityVote.Settings;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Votes over recorded answers of real models. */
@Tag("replay")
class MajorityVoteReplayTest {

  private static final int FOLDS = 5;
  private static final String ACCURACY = "accuracy";
  private static final String MACRO = "macro exact match";

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  /** One query: what each model said, and how that was scored. */
  private record Row(String dataset, Map<String, String> texts, Map<String, Double> scores) {}

  private static List<Row> rows(String set) {
    var rows = new ArrayList<Row>();
    Recordings.read(
        set,
        json -> {
          var texts = new LinkedHashMap<String, String>();
          var scores = new LinkedHashMap<String, Double>();
          for (Map.Entry<String, JsonNode> model : json.get("models").properties()) {
            texts.put(model.getKey(), model.getValue().path("response").asText(""));
            scores.put(model.getKey(), model.getValue().get("score").asDouble());
          }
          rows.add(new Row(json.get("dataset").asText(), texts, scores));
        });
    return rows;
  }

  @AfterAll
  static void write() {
    REPORT.write();
  }

  @Test
  void mmluProVotes() {
    List<Row> rows = rows("mmlupro_votes");
    String set = "mmlupro_votes";
    double plain = vote(rows, AnswerForm.CHOICE, Weights.UNIFORM, 10, false);
    double weighted = vote(rows, AnswerForm.CHOICE, Weights.PRIOR, 10, true);
    REPORT.add(set, "majority-vote, uniform, ties to the first", ACCURACY, plain, 0.584);
    REPORT.add(
        set,
        "majority-vote, uniform, ties to the more accurate",
        ACCURACY,
        vote(rows, AnswerForm.CHOICE, Weights.UNIFORM, 10, true));
    REPORT.add(set, "majority-vote, prior = accuracy", ACCURACY, weighted, 0.634);
    for (int options : new int[] {10, 4, 2}) {
      REPORT.add(
          set,
          "majority-vote, log_odds, options " + options,
          ACCURACY,
          vote(rows, AnswerForm.CHOICE, Weights.LOG_ODDS, options, true));
    }
    double best = accuracies(rows).values().stream().mapToDouble(a -> a).max().orElseThrow();
    REPORT.add(set, "best single member", ACCURACY, best, 0.702);
    double oracle = mean(rows, MajorityVoteReplayTest::oracle);
    REPORT.add(set, "oracle", ACCURACY, oracle, 0.945);
    REPORT.note(
        "mmlupro_votes: accuracies are learned from four fifths of the %d rows and used on the other"
                .formatted(rows.size())
            + " fifth (row number modulo 5), in turn. Members' errors are not independent, as the"
            + " log-odds assume: fewer `options` than the ten there are silence the weak members"
            + " and do better.");
    assertEquals(0.584, plain, 0.005);
    assertEquals(0.634, weighted, 0.005);
    assertEquals(0.945, oracle, 0.001);
  }

  @Test
  void mmluProWeightedVotes() {
    new WeightedVoteReplay().measure(REPORT);
  }

  @Test
  void moreExperts() {
    String set = "more_experts4";
    List<Row> rows = rows(set);
    double first = macro(rows, AnswerForm.TEXT, false);
    REPORT.add(set, "majority-vote, text, ties to the first expert", MACRO, first, 0.527);
    REPORT.add(
        set,
        "majority-vote, text, ties to the more accurate expert",
        MACRO,
        macro(rows, AnswerForm.TEXT, true));
    REPORT.add(
        set,
        "majority-vote, auto, ties to the first expert",
        MACRO,
        macro(rows, AnswerForm.AUTO, false));
    double best =
        rows.getFirst().texts().keySet().stream()
            .mapToDouble(model -> macro(rows, row -> row.scores().get(model)))
            .max()
            .orElseThrow();
    REPORT.add(set, "best expert", MACRO, best, 0.496);
    double oracle = macro(rows, MajorityVoteReplayTest::oracle);
    REPORT.add(set, "oracle", MACRO, oracle, 0.699);
    REPORT.note(
        "more_experts4: the paper's own 0.436 for a majority vote comes from a tie rule that its"
            + " repository does not hold; 0.527 is a vote with ties to the first expert. An expert's"
            + " accuracy is learned as above.");
    assertTrue(first > best, first + " is not above the best expert's " + best);
    assertEquals(0.699, oracle, 0.001);
  }

  private static double macro(List<Row> rows, AnswerForm form, boolean accurate) {
    Map<Row, Double> scores = new IdentityHashMap<>();
    score(rows, form, Weights.UNIFORM, 2, accurate, scores);
    return macro(rows, scores::get);
  }

  private static double macro(List<Row> rows, ToDoubleFunction<Row> score) {
    return rows.stream()
        .collect(Collectors.groupingBy(Row::dataset, Collectors.averagingDouble(score)))
        .values()
        .stream()
        .mapToDouble(mean -> mean)
        .average()
        .orElseThrow();
  }

  private static double vote(
      List<Row> rows, AnswerForm form, Weights weights, int options, boolean accurate) {
    Map<Row, Double> scores = new IdentityHashMap<>();
    score(rows, form, weights, options, accurate, scores);
    return mean(rows, scores::get);
  }

  /** Scores each row by the recorded score of the member whose answer is given. */
  private static void score(
      List<Row> rows,
      AnswerForm form,
      Weights weights,
      int options,
      boolean accurate,
      Map<Row, Double> scores) {
    var vote = new MajorityVote(new Settings(form, weights, options));
    for (int fold = 0; fold < FOLDS; fold++) {
      var training = new ArrayList<Row>();
      var held = new ArrayList<Row>();
      for (int i = 0; i < rows.size(); i++) {
        (i % FOLDS == fold ? held : training).add(rows.get(i));
      }
      Map<String, Double> priors = accuracies(training);
      for (Row row : held) {
        List<Answer> answers =
            row.texts().entrySet().stream()
                .map(
                    e ->
                        new Answer(e.getKey(), accurate ? priors.get(e.getKey()) : 1, e.getValue()))
                .toList();
        int chosen = vote.weigh(new Query(""), new Candidates(answers)).chosen().orElseThrow();
        scores.put(row, row.scores().get(answers.get(chosen).member()));
      }
    }
  }

  private static Map<String, Double> accuracies(List<Row> rows) {
    var accuracies = new LinkedHashMap<String, Double>();
    for (String model : rows.getFirst().scores().keySet()) {
      accuracies.put(model, mean(rows, row -> row.scores().get(model)));
    }
    return accuracies;
  }

  private static double oracle(Row row) {
    return row.scores().values().stream().mapToDouble(score -> score).max().orElseThrow();
  }

  private static double mean(List<Row> rows, ToDoubleFunction<Row> score) {
    return rows.stream().mapToDouble(score).average().orElseThrow();
  }
}
