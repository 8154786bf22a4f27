package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.measure.SelectiveCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rankers over recorded answers of real models. */
@Tag("replay")
class MoreReplayTest {

  private static final int FOLDS = 5;
  private static final String SET = "more_experts4";
  private static final String MACRO = "macro exact match";

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  @AfterAll
  static void write() {
    REPORT.write();
  }

  /** Of each question its set, how good the chosen answer is, and how sure the method was. */
  private record Measured(List<Row> rows, double[] scores, double[] sure) {

    double macro() {
      Map<String, double[]> sums = new TreeMap<>();
      for (int i = 0; i < scores.length; i++) {
        double[] sum = sums.computeIfAbsent(rows.get(i).set(), _ -> new double[2]);
        sum[0] += scores[i];
        sum[1]++;
      }
      return sums.values().stream().mapToDouble(s -> s[0] / s[1]).average().orElseThrow();
    }
  }

  private static RecordedAnswers rows() {
    var members = new ArrayList<String>();
    var rows = new ArrayList<Row>();
    Recordings.read(
        SET,
        json -> {
          if (members.isEmpty()) {
            json.get("models").fieldNames().forEachRemaining(members::add);
          }
          var answers = new ArrayList<Answer>();
          var scores = new float[members.size()];
          for (int m = 0; m < scores.length; m++) {
            var said = json.get("models").get(members.get(m));
            answers.add(new Answer(members.get(m), 1, said.path("response").asText("")));
            scores[m] = (float) said.get("score").asDouble();
          }
          rows.add(
              new Row(
                  rows.size(),
                  json.get("dataset").asText(),
                  Map.of(),
                  new Query(json.get("query").asText()),
                  new Candidates(answers),
                  scores));
        });
    return new RecordedAnswers(members, rows);
  }

  private static RecordedAnswers part(RecordedAnswers data, int fold, boolean held) {
    return new RecordedAnswers(
        data.members(),
        data.rows().stream().filter(row -> (row.number() % FOLDS == fold) == held).toList());
  }

  private static Measured measure(RecordedAnswers data, MoreFit.Settings settings) {
    var fit = More.METHOD;
    var scores = new double[data.rows().size()];
    var sure = new double[scores.length];
    for (int fold = 0; fold < FOLDS; fold++) {
      AnswerTrees trees = fit.fit(part(data, fold, false), settings, new SplittableRandom(1));
      Selector selector = new More(new More.Settings("", AnswerForm.AUTO, 1, 1), trees, 0);
      var features = new dev.tutti.fusion.method.features.AnswerFeatures(data.members());
      for (Row row : part(data, fold, true).rows()) {
        Weighing weighing = selector.weigh(row.query(), row.candidates());
        int chosen = weighing.chosen().orElseThrow();
        int at = (int) row.number();
        scores[at] = row.scores()[chosen];
        sure[at] = trees.probability(features.of(row.query(), row.candidates()).row(chosen));
      }
    }
    return new Measured(data.rows(), scores, sure);
  }

  @Test
  void moreExperts() {
    RecordedAnswers data = rows();
    Measured boosted = measure(data, MoreFit.Settings.DEFAULTS);
    add("more, boosted trees", boosted);
    add("more, forest", measure(data, new MoreFit.Settings(MoreFit.Learner.FOREST, 100, 24)));
    REPORT.note(
        "more: fitted to four fifths of the %d rows, used on the other fifth (row number modulo 5), in turn; risk is the share of wrong answers among the surest half, or four fifths, of all questions."
            .formatted(data.rows().size()));
    assertTrue(boosted.macro() >= 0.57, boosted.macro() + " macro exact match");
  }

  private static void add(String method, Measured measured) {
    REPORT.add(SET, method, MACRO, measured.macro());
    SelectiveCurve curve = SelectiveCurve.of(measured.sure(), measured.scores());
    for (double coverage : new double[] {0.5, 0.8}) {
      REPORT.add(SET, method, "risk at coverage " + coverage, curve.risk(coverage));
    }
  }
}
