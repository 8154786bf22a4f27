package dev.tutti.cascade.method.deferral;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.estimate.Evidence;
import dev.tutti.cascade.method.deferral.DeferralFit.Settings;
import dev.tutti.cascade.method.frugal.FrugalGptFit;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.measure.PairCurve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What a cascade does with the GSM8K rows of {@code routellm_pair}: the weak model always answers,
 * and the strong one is asked where an estimate that has read that answer says so. Folds and
 * figures are those of router-service's replay.
 */
public final class RouteLlmReplay {

  private static final String RECORDED = "routellm_pair";
  private static final String SET = "routellm_pair gsm8k";
  private static final List<String> PAIR =
      List.of("weak:mixtral-8x7b", "strong:gpt-4-1106-preview");

  private static final String ROUTING = "cascade-routing's estimates, before an answer";
  private static final int FOLDS = 5;
  private static final int LEARNED = 400;
  private static final int RESAMPLES = 300;

  /**
   * Told by a fold's training questions of its test questions.
   *
   * @param rows of the test questions
   * @param urgency by rule, of each of them, of asking the strong model
   */
  private record Fold(int[] rows, Map<String, double[]> urgency) {}

  /** Estimates from the training questions, in the order of the rows. */
  private interface Rule {
    double[] urgency(RecordedOutcomes train, List<Row> test);
  }

  private final RecordedOutcomes all;

  private RouteLlmReplay(RecordedOutcomes all) {
    this.all = all;
  }

  /** Adds its rows. */
  public static void run(ReplayReport report) {
    var read = new ArrayList<JsonNode>();
    Recordings.read(
        RECORDED,
        row -> {
          if (row.get("dataset").asText().equals("gsm8k")
              && !row.get("split").asText().equals("contaminated")) {
            read.add(row);
          }
        });
    var embeddings = new RecordedEmbeddings();
    embeddings.embed(read.stream().map(row -> row.get("query").asText()).toList());
    new RouteLlmReplay(
            new RecordedOutcomes(PAIR, read.stream().map(row -> row(row, embeddings)).toList()))
        .rows(report);
  }

  private static Row row(JsonNode row, RecordedEmbeddings embeddings) {
    String query = row.get("query").asText();
    return new Row(
        FitRequest.number(query),
        "gsm8k",
        new Query(query),
        Optional.of(embeddings.of(query)),
        PAIR.stream()
            .map(member -> row.get("models").get(member))
            .map(
                its ->
                    Optional.of(
                        new Recorded(
                            its.get("response").asText(),
                            // An answer that tells nothing of itself.
                            new AnswerSignals(
                                OptionalDouble.empty(),
                                OptionalDouble.of(0),
                                OptionalDouble.empty(),
                                OptionalDouble.empty(),
                                OptionalDouble.empty()),
                            its.get("score").asDouble(),
                            its.get("cost").asDouble(),
                            List.of())))
            .toList());
  }

  private static Map<String, Rule> rules() {
    var rules = new LinkedHashMap<String, Rule>();
    rules.put(
        ROUTING,
        (train, test) -> {
          Estimates its = estimates(train, true);
          return test.stream()
              .map(row -> its.of(its.evidence(row), 0))
              .mapToDouble(quality -> quality[1] - quality[0])
              .toArray();
        });
    rules.put(
        "cascade-routing's estimates, after the weak answer",
        (train, test) -> {
          Estimates its = estimates(train, true);
          return test.stream()
              .map(row -> its.of(weak(its, row), 1))
              .mapToDouble(quality -> quality[1] - quality[0])
              .toArray();
        });
    rules.put(
        "frugal-gpt's scorer of the weak answer",
        (train, test) -> unreliable(estimates(train, false), test));
    rules.put(
        "frugal-gpt",
        (train, test) ->
            unreliable(
                new FrugalGptFit()
                    .fit(train, FrugalGptFit.Settings.DEFAULTS, new SplittableRandom(1))
                    .estimates(),
                test));
    rules.put(
        "post-hoc-deferral, by the question alone",
        (train, test) -> {
          Settings usual = Settings.DEFAULTS;
          DeferralMembers learned =
              DeferralFit.POST_HOC.fit(
                  train,
                  new Settings(
                      usual.target(),
                      usual.head(),
                      usual.trees(),
                      usual.depth(),
                      MemberOrder.COLUMNS,
                      0),
                  new SplittableRandom(1));
          return test.stream()
              .mapToDouble(
                  row ->
                      -learned
                          .confidence(
                              0, row.outcomes().getFirst().orElseThrow().signals(), row.embedding())
                          .orElseThrow())
              .toArray();
        });
    return rules;
  }

  private static Estimates estimates(RecordedOutcomes train, boolean silent) {
    FrugalGptFit.Settings usual = FrugalGptFit.Settings.DEFAULTS;
    return Estimates.fit(
            train,
            new Estimates.Wanted(
                usual.embedding(),
                usual.ridge(),
                usual.penalty(),
                AnswerForm.AUTO,
                List.of(1),
                silent))
        .estimates();
  }

  private static double[] unreliable(Estimates estimates, List<Row> test) {
    return test.stream().mapToDouble(row -> -estimates.of(weak(estimates, row), 1)[0]).toArray();
  }

  /** What is known when the weak model alone has answered. */
  private static Evidence weak(Estimates estimates, Row row) {
    return estimates.evidence(
        new Row(
            row.number(),
            row.set(),
            row.query(),
            row.embedding(),
            List.of(row.outcomes().getFirst(), Optional.empty())));
  }

  private void rows(ReplayReport report) {
    List<Fold> folds = folds();
    for (String rule : rules().keySet()) {
      double[] figures = figures(folds, rule, null);
      report.add(SET, rule, "CPT50", figures[0]);
      report.add(SET, rule, "CPT80", figures[1]);
      report.add(SET, rule, "APGR", figures[2]);
      if (!rule.equals(ROUTING)) {
        report.add(
            SET,
            rule,
            "APGR, less that of estimates before an answer",
            figures[2] - figures(folds, ROUTING, null)[2]);
        report.add(
            SET,
            rule,
            "APGR, less that of estimates before an answer: standard error",
            standardError(folds, rule));
      }
    }
    report.note(
        "routellm_pair gsm8k: the five folds of router-service's replay (400 questions to learn from, the rest less the first fold's 400 is the test), the same shares of strong calls and the same gap; a cascade asks the weak model too, always, which costs nothing in these recordings: where weak costs r of strong, a share c of strong calls costs a cascade r + c and a router r (1 - c) + c. Default settings. cascade-routing's rows are the gain that its estimates expect of the strong model, frugal-gpt's the reliability of the weak answer (by all 400 questions, or by half of them as the fit has it, the other half being for chains). Answers were recorded without log-probabilities, so to post-hoc-deferral they tell nothing, and the question's embedding alone decides. Published routers: matrix factorization .3882, .7262, .565, the best, a causal LLM, .3364, .6326, .622; the best of router-service, bench-coe, .3415, .6086, .6354. Standard errors by the bootstrap over the questions of all folds.");
  }

  private List<Fold> folds() {
    int n = all.rows().size();
    Set<Integer> first = null;
    var folds = new ArrayList<Fold>();
    for (int fold = 0; fold < FOLDS; fold++) {
      int[] order = Shuffle.of(n, new SplittableRandom(fold));
      int[] learned = Arrays.copyOf(order, LEARNED);
      var known = new HashSet<Integer>();
      Arrays.stream(learned).forEach(known::add);
      if (first == null) {
        first = Set.copyOf(known);
      }
      known.addAll(first);
      var train =
          new RecordedOutcomes(PAIR, Arrays.stream(learned).mapToObj(all.rows()::get).toList());
      int[] rows = IntStream.range(0, n).filter(i -> !known.contains(i)).toArray();
      List<Row> test = Arrays.stream(rows).mapToObj(all.rows()::get).toList();
      var urgency = new LinkedHashMap<String, double[]>();
      rules().forEach((name, rule) -> urgency.put(name, rule.urgency(train, test)));
      folds.add(new Fold(rows, urgency));
    }
    return folds;
  }

  /**
   * Means over the folds of CPT50, CPT80 and APGR.
   *
   * @param counts how often each question counts; null for once
   */
  private double[] figures(List<Fold> folds, String rule, int[] counts) {
    var figures = new double[3];
    for (Fold fold : folds) {
      int[] places =
          IntStream.range(0, fold.rows().length)
              .flatMap(
                  i -> IntStream.range(0, counts == null ? 1 : counts[fold.rows()[i]]).map(_ -> i))
              .toArray();
      double[] urgency = fold.urgency().get(rule);
      var curve =
          new PairCurve(
              Arrays.stream(places).mapToDouble(i -> urgency[i]).toArray(),
              Arrays.stream(places)
                  .mapToDouble(i -> all.rows().get(fold.rows()[i]).score(0))
                  .toArray(),
              Arrays.stream(places)
                  .mapToDouble(i -> all.rows().get(fold.rows()[i]).score(1))
                  .toArray());
      figures[0] += curve.cpt(.5) / folds.size();
      figures[1] += curve.cpt(.8) / folds.size();
      figures[2] += curve.apgr() / folds.size();
    }
    return figures;
  }

  private double standardError(List<Fold> folds, String rule) {
    var random = new SplittableRandom(1);
    var differences = new double[RESAMPLES];
    for (int sample = 0; sample < RESAMPLES; sample++) {
      var counts = new int[all.rows().size()];
      for (int i = 0; i < counts.length; i++) {
        counts[random.nextInt(counts.length)]++;
      }
      differences[sample] = figures(folds, rule, counts)[2] - figures(folds, ROUTING, counts)[2];
    }
    double mean = Arrays.stream(differences).average().orElseThrow();
    return Math.sqrt(
        Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum() / (RESAMPLES - 1));
  }
}
