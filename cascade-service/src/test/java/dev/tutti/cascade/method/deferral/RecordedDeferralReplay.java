package dev.tutti.cascade.method.deferral;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingReplay;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingReplay.Measured;
import dev.tutti.cascade.method.calibrated.CostAxis;
import dev.tutti.cascade.method.calibrated.CostAxis.Point;
import dev.tutti.cascade.method.deferral.DeferralFit.Head;
import dev.tutti.cascade.method.deferral.DeferralFit.Settings;
import dev.tutti.cascade.replay.RoutingReplay;
import dev.tutti.cascade.replay.StarterCascades;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Post-hoc deferral between two of the Llama models of {@code zellinger_cascade9}, learned from the
 * train split, beside the paper's grid over the same ranges of costs of the test split.
 */
public final class RecordedDeferralReplay {

  private static final String RECORDED = "zellinger_cascade9";
  private static final String METRIC = "mean error over the cost range";

  private RecordedDeferralReplay() {}

  /** Adds its rows. */
  public static void run(ReplayReport report) {
    var read = new ArrayList<JsonNode>();
    Recordings.read(RECORDED, read::add);
    var embeddings = new RecordedEmbeddings();
    List<String> both = List.of("mmlu", "triviaqa");
    embeddings.embed(
        read.stream()
            .filter(row -> both.contains(row.get("dataset").asText()))
            .map(row -> row.get("query").asText())
            .toList());
    for (String data : both) {
      List<JsonNode> its =
          read.stream().filter(row -> row.get("dataset").asText().equals(data)).toList();
      pairs(
          report,
          data,
          RoutingReplay.nine(its, data, "train", embeddings),
          RoutingReplay.nine(its, data, "test", embeddings));
    }
    report.note(
        "zellinger_cascade9, post-hoc-deferral: the ten pairs of the Llama models; the recorded log-probability, as calibrated-cascading has it, and the question's embedding are its features; all settings are the defaults but what is named, none was chosen on these questions. Heads and thresholds are learned from the train split, 285 and 300 questions, in three folds; measured as calibrated-cascading's grid is, over the grid's ranges. Its curve may hold either member alone, which the grid's does not: where llama3.2-1b is the first, whose confidence tells little, that is most of the difference. Differences are per question, of the means over the pairs.");
  }

  private static void pairs(
      ReplayReport report, String data, RecordedOutcomes train, RecordedOutcomes test) {
    String set = RECORDED + " " + data;
    var variants = new LinkedHashMap<String, Settings>();
    variants.put("post-hoc-deferral", settings(Target.DIFF_01, Head.TREES));
    variants.put("post-hoc-deferral, linear", settings(Target.DIFF_01, Head.LINEAR));
    variants.put("post-hoc-deferral, diff_prob", settings(Target.DIFF_PROB, Head.TREES));
    variants.put("post-hoc-deferral, max_prob", settings(Target.MAX_PROB, Head.TREES));
    List<String> members = CalibratedCascadingReplay.LLAMAS;
    var grids = new ArrayList<double[]>();
    var errors = new LinkedHashMap<String, List<double[]>>();
    variants.keySet().forEach(name -> errors.put(name, new ArrayList<>()));
    for (int first = 0; first < members.size(); first++) {
      for (int next = first + 1; next < members.size(); next++) {
        List<String> pair = List.of(members.get(first), members.get(next));
        Measured grid = CalibratedCascadingReplay.grid(data, "" + first + next);
        grids.add(grid.errors());
        variants.forEach(
            (name, settings) ->
                errors
                    .get(name)
                    .add(
                        CostAxis.errors(
                            curve(settings, only(train, pair), only(test, pair)),
                            grid.low(),
                            grid.high())));
        report.add(
            set,
            "post-hoc-deferral, " + String.join(" > ", pair),
            METRIC,
            CostAxis.mean(errors.get("post-hoc-deferral").getLast()));
      }
    }
    means(report, set, "mean error, pairs", grids, errors, 0);
    means(report, set, "mean error, pairs without llama3.2-1b", grids, errors, members.size() - 1);
  }

  /** Over the pairs from one on. */
  private static void means(
      ReplayReport report,
      String set,
      String metric,
      List<double[]> grids,
      Map<String, List<double[]>> errors,
      int from) {
    double[] theirs = mean(grids.subList(from, grids.size()));
    report.add(set, "calibrated-cascading", metric, CostAxis.mean(theirs));
    errors.forEach(
        (name, all) -> {
          double[] ours = mean(all.subList(from, all.size()));
          report.add(set, name, metric, CostAxis.mean(ours));
          report.add(
              set, name, metric + ", less the grid's", CostAxis.mean(ours) - CostAxis.mean(theirs));
          report.add(
              set,
              name,
              metric + ", less the grid's: standard error",
              CostAxis.standardError(ours, theirs));
        });
  }

  private static double[] mean(List<double[]> errors) {
    return IntStream.range(0, errors.getFirst().length)
        .mapToDouble(i -> errors.stream().mapToDouble(its -> its[i]).average().orElseThrow())
        .toArray();
  }

  private static Settings settings(Target target, Head head) {
    Settings usual = Settings.DEFAULTS;
    return new Settings(target, head, usual.trees(), usual.depth(), MemberOrder.COLUMNS, 0);
  }

  private static RecordedOutcomes only(RecordedOutcomes data, List<String> pair) {
    int[] columns = pair.stream().mapToInt(data.members()::indexOf).toArray();
    return new RecordedOutcomes(
        pair,
        data.rows().stream()
            .map(
                row ->
                    new Row(
                        row.number(),
                        row.set(),
                        row.query(),
                        row.embedding(),
                        List.of(row.outcomes().get(columns[0]), row.outcomes().get(columns[1]))))
            .toList());
  }

  private static List<Point> curve(
      Settings settings, RecordedOutcomes train, RecordedOutcomes test) {
    DeferralMembers learned = DeferralFit.POST_HOC.fit(train, settings, new SplittableRandom(1));
    var cards = StarterCascades.cards(test);
    var curve = new ArrayList<Point>();
    for (var point : learned.points().points()) {
      var method = new LearnedDeferral(point, learned);
      List<RecordedRun> runs =
          test.rows().stream().map(row -> RecordedRun.of(method, cards, row)).toList();
      curve.add(
          Point.of(
              runs.stream().mapToDouble(RecordedRun::usd).toArray(),
              runs.stream().mapToDouble(RecordedRun::score).toArray()));
    }
    return curve;
  }
}
