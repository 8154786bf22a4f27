package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One model under several prompts against the best of the prompts alone, asked as often as costs no
 * more: of the recordings only mot_cascade_date holds several samples of a member.
 */
@Tag("replay")
class SelfFusionReplayTest {

  private static final String SET = "mot_cascade_date";
  private static final int FOLDS = 5;
  private static final int SAMPLES = 20;
  private static final MajorityVote VOTE =
      new MajorityVote(new MajorityVote.Settings(AnswerForm.AUTO, Weights.UNIFORM, 2));

  @AfterAll
  static void write() {
    FusionReplays.REPORT.write();
  }

  /**
   * A question.
   *
   * @param samples of each prompt
   * @param usd of a sample of each
   */
  private record Row(String reference, Map<String, List<String>> samples, Map<String, Double> usd) {

    double score(String text) {
      return AnswerForm.TEXT.canonical(text).equals(AnswerForm.TEXT.canonical(reference)) ? 1 : 0;
    }

    double mean(String prompt) {
      return samples.get(prompt).stream().mapToDouble(this::score).average().orElseThrow();
    }

    Answer answer(String prompt, int sample, double prior) {
      String text = samples.get(prompt).get(sample % SAMPLES);
      return new Answer(prompt, sample, prior, text, Optional.empty(), prompt);
    }

    double voted(List<Answer> answers) {
      int chosen = VOTE.weigh(new Query(""), new Candidates(answers)).chosen().orElseThrow();
      return score(answers.get(chosen).text());
    }
  }

  private static List<Row> rows() {
    var rows = new ArrayList<Row>();
    Recordings.read(
        SET,
        json -> {
          var row = new Row(json.get("reference").asText(), new TreeMap<>(), new TreeMap<>());
          for (Map.Entry<String, JsonNode> model : json.get("models").properties()) {
            if (model.getKey().startsWith("gpt-3.5")) {
              var texts = new ArrayList<String>();
              model.getValue().get("samples").forEach(s -> texts.add(s.isNull() ? "" : s.asText()));
              row.samples().put(model.getKey(), texts);
              row.usd().put(model.getKey(), model.getValue().get("cost").asDouble() / SAMPLES);
            }
          }
          rows.add(row);
        });
    return rows;
  }

  /** Mean over all questions, of what the other folds tell of the prompts. */
  private static double mean(
      List<Row> rows, BiFunction<Row, Map<String, Double>, Double> ofTrained) {
    double sum = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      List<Row> others =
          IntStream.range(0, rows.size())
              .filter(i -> i % FOLDS != held)
              .mapToObj(rows::get)
              .toList();
      var accuracies = new TreeMap<String, Double>();
      for (String prompt : rows.getFirst().samples().keySet()) {
        accuracies.put(
            prompt, others.stream().mapToDouble(row -> row.mean(prompt)).average().orElseThrow());
      }
      for (int i = fold; i < rows.size(); i += FOLDS) {
        sum += ofTrained.apply(rows.get(i), accuracies);
      }
    }
    return sum / rows.size();
  }

  private static String best(Map<String, Double> accuracies) {
    return accuracies.entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }

  /**
   * The vote of so many samples of the best prompt, wherever among the recorded ones they begin.
   */
  private static double ofOne(Row row, Map<String, Double> accuracies, int samples) {
    String best = best(accuracies);
    return IntStream.range(0, SAMPLES)
        .mapToDouble(
            first ->
                row.voted(
                    IntStream.range(first, first + samples)
                        .mapToObj(sample -> row.answer(best, sample, 1))
                        .toList()))
        .average()
        .orElseThrow();
  }

  /** The vote of one sample a prompt. */
  private static double ofAll(Row row, Map<String, Double> accuracies) {
    return IntStream.range(0, SAMPLES)
        .mapToDouble(
            sample ->
                row.voted(
                    accuracies.entrySet().stream()
                        .map(its -> row.answer(its.getKey(), sample, its.getValue()))
                        .toList()))
        .average()
        .orElseThrow();
  }

  private static void add(String method, double accuracy, double usd) {
    FusionReplays.REPORT.add(SET, method, "accuracy", accuracy);
    FusionReplays.REPORT.add(SET, method, "usd_per_1000", 1000 * usd);
  }

  @Test
  void promptsTogetherAndTheBestAlone() {
    List<Row> rows = rows();
    int prompts = rows.getFirst().samples().size();
    double one = mean(rows, (row, known) -> row.usd().get(best(known)));
    double all = mean(rows, (row, _) -> row.usd().values().stream().mapToDouble(usd -> usd).sum());
    int equal = (int) (all / one);
    double together = mean(rows, SelfFusionReplayTest::ofAll);
    add("best single prompt", mean(rows, (row, known) -> row.mean(best(known))), one);
    add("majority-vote, one sample of each of %d prompts".formatted(prompts), together, all);
    for (int samples : new int[] {equal, prompts}) {
      add(
          "self-fusion of the best prompt, %d samples".formatted(samples),
          mean(rows, (row, known) -> ofOne(row, known, samples)),
          samples * one);
    }
    FusionReplays.REPORT.note(
        "mot_cascade_date: gpt-3.5 under %d prompts and temperatures, the mean over %d draws of its recorded samples; which prompt is the best, and wins ties, is learned from four fifths of the %d rows and used on the other fifth (row number modulo 5), in turn; %d samples cost no more than one of each."
            .formatted(prompts, SAMPLES, rows.size(), equal));
    assertTrue(together > .7, together + " together");
  }
}
