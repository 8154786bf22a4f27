package dev.tutti.fusion.method.ranking;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FusionReplays;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.MajorityVote;
import dev.tutti.fusion.method.vote.MajorityVote.Weights;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The starter pool over ten tasks, nobody told the task: answers that the models themselves gave,
 * as StarterAnswersReplay of decoder-service recorded them. Fitted to generated questions, measured
 * on the committed held-out sets; macro average over the tasks.
 */
@Tag("replay")
class StarterMixedReplayTest {

  private static final Path ANSWERS =
      Path.of("..", "decoder-service", "target", "replay", "starter-answers.jsonl");
  private static final String SET = "starter/mixed";

  private static final ReplayReport REPORT = FusionReplays.REPORT;

  /** What a question's answers took, beside what methods see of it. */
  private record Taken(Row row, double usd, double seconds) {}

  private final List<String> members = new ArrayList<>();
  private final List<Row> generated = new ArrayList<>();
  private final List<Taken> held = new ArrayList<>();
  private final Map<String, double[]> single = new TreeMap<>();

  private void read() throws IOException {
    var json = new JsonMapper();
    for (String line : Files.readAllLines(ANSWERS)) {
      JsonNode node = json.readTree(line);
      if (members.isEmpty()) {
        node.get("models").fieldNames().forEachRemaining(members::add);
      }
      var answers = new ArrayList<Answer>();
      var signals = new ArrayList<AnswerSignals>();
      var scores = new float[members.size()];
      double usd = 0;
      double seconds = 0;
      boolean heldOut = node.get("split").asText().equals("held_out");
      for (int m = 0; m < scores.length; m++) {
        JsonNode its = node.get("models").get(members.get(m));
        answers.add(new Answer(members.get(m), 1, its.get("response").asText()));
        signals.add(signals(its));
        scores[m] = its.get("score").asInt();
        usd += its.path("cost").asDouble();
        seconds = Math.max(seconds, its.path("seconds").asDouble());
        if (heldOut) {
          double[] sums = single.computeIfAbsent(members.get(m), _ -> new double[2]);
          sums[0] += its.path("cost").asDouble();
          sums[1] += its.path("seconds").asDouble();
        }
      }
      var row =
          new Row(
              generated.size() + held.size(),
              node.get("dataset").asText(),
              Map.of(),
              new Query(node.get("query").asText()),
              new Candidates(
                  answers,
                  new Evidence(Optional.empty(), List.of(), new LinkedHashMap<>(), signals)),
              scores);
      if (heldOut) {
        held.add(new Taken(row, usd, seconds));
      } else {
        generated.add(row);
      }
    }
  }

  private static AnswerSignals signals(JsonNode its) {
    return new AnswerSignals(
        number(its, "mean_logprob"),
        number(its, "sum_logprob"),
        number(its, "min_logprob"),
        number(its, "mean_distance_to_uniform"),
        number(its, "min_distance_to_uniform"));
  }

  private static OptionalDouble number(JsonNode its, String name) {
    return its.has(name) ? OptionalDouble.of(its.get(name).asDouble()) : OptionalDouble.empty();
  }

  @Test
  void mixed() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(ANSWERS),
        ANSWERS + " is not there: run the replay StarterAnswersReplay of decoder-service first.");
    read();
    double usd = held.stream().mapToDouble(Taken::usd).average().orElseThrow();
    double seconds = held.stream().mapToDouble(Taken::seconds).average().orElseThrow();
    String best = "";
    double most = -1;
    for (String member : members) {
      double accuracy = macro(row -> row.scores()[row.place(member)]);
      best = accuracy > most ? member : best;
      most = Math.max(most, accuracy);
    }
    double[] taken = single.get(best);
    add("best single model, " + best, most, taken[0] / held.size(), taken[1] / held.size());
    add("oracle", macro(StarterMixedReplayTest::oracle), usd, seconds);
    add("majority-vote, uniform", macro(vote(Weights.UNIFORM, 0)), usd, seconds);
    double confident = macro(vote(Weights.CONFIDENCE, 5));
    add("majority-vote, confidence", confident, usd, seconds);
    add(
        "majority-vote, confidence, sharpness 1000",
        macro(vote(Weights.CONFIDENCE, 1000)),
        usd,
        seconds);
    var fit = More.METHOD;
    var data = new RecordedAnswers(members, generated);
    for (var learner : MoreFit.Learner.values()) {
      var settings = new MoreFit.Settings(learner, 300, learner == MoreFit.Learner.FOREST ? 24 : 6);
      Selector more = fit.selector(fit.fit(data, settings, new SplittableRandom(1)), settings);
      double accuracy = macro(more);
      add(
          "more, " + (learner == MoreFit.Learner.FOREST ? "forest" : "boosted trees"),
          accuracy,
          usd,
          seconds);
      assertTrue(accuracy >= 0.87, accuracy + " by " + learner);
    }
    REPORT.note(
        "starter/mixed: %d models answer %d held-out questions of ten tasks, macro average over the tasks; what is fitted is fitted to %d generated ones. Greedy, in process, one after the other: seconds are those of the slowest member, as all are asked at once; self-fusion samples one model over again, and at temperature 0 is that model."
            .formatted(members.size(), held.size(), generated.size()));
    REPORT.write();
    assertTrue(confident >= 0.82, confident + " by confidence");
  }

  private static Selector vote(Weights weights, double sharpness) {
    return new MajorityVote(new MajorityVote.Settings(AnswerForm.TEXT, weights, 2, sharpness));
  }

  private double macro(Selector selector) {
    return macro(
        row -> row.scores()[selector.weigh(row.query(), row.candidates()).chosen().orElseThrow()]);
  }

  private double macro(ToDoubleFunction<Row> score) {
    Map<String, double[]> sums = new TreeMap<>();
    for (Taken taken : held) {
      double[] sum = sums.computeIfAbsent(taken.row().set(), _ -> new double[2]);
      sum[0] += score.applyAsDouble(taken.row());
      sum[1]++;
    }
    return sums.values().stream().mapToDouble(s -> s[0] / s[1]).average().orElseThrow();
  }

  private static double oracle(Row row) {
    float best = 0;
    for (float score : row.scores()) {
      best = Math.max(best, score);
    }
    return best;
  }

  private static void add(String method, double accuracy, double usd, double seconds) {
    REPORT.add(SET, method, "accuracy", accuracy);
    REPORT.add(SET, method, "usd_per_1000", 1000 * usd);
    REPORT.add(SET, method, "seconds", seconds);
  }
}
