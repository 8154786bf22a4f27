package dev.tutti.cascade.method.deferral;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.method.deferral.DeferralFit.Settings;
import dev.tutti.cascade.replay.DeferralCurve;
import dev.tutti.cascade.replay.StarterCascades;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.kit.testing.ReplayReport;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Two starter models, of whom the second is asked where a rule defers: rules that were fitted to
 * generated questions beside confidence alone and chance, on the held-out questions.
 */
public final class StarterDeferralReplay {

  private static final String GENERAL = "generalist";
  private static final List<String> SPECIAL =
      List.of("adder-strong", "calculator", "generalist-dates", "generalist-units", "wordsmith");

  private static final String AREA = "area of the deferral curve";
  private static final String MAXPROB = "maxprob";

  private StarterDeferralReplay() {}

  /** Adds its rows. */
  public static void run(StarterCascades starter, StarterCascades chains, ReplayReport report) {
    List<String> both = List.of(GENERAL, "calculator");
    areas(
        "starter/chain",
        Map.of(GENERAL + " > calculator", rules(chains.generated(both), chains.held(both))),
        report);
    var mixed = new LinkedHashMap<String, Map<String, DeferralCurve>>();
    for (String special : SPECIAL) {
      List<String> pair = List.of(GENERAL, special);
      mixed.put(GENERAL + " > " + special, rules(starter.generated(pair), starter.held(pair)));
    }
    Map<String, Double> above = areas("starter/mixed", mixed, report);
    for (String special : SPECIAL) {
      for (DeferralFit fit : List.of(DeferralFit.POST_HOC, DeferralFit.QUANTILE)) {
        best(starter, fit, special, report);
      }
    }
    report.note(
        "starter, deferral: generalist answers, and then the second model where the rule defers; accuracy over the share that is deferred, from none to all, each task counts alike. What is fitted is fitted to 200 generated questions a task (of starter/chain to 2,000 chains). Standard errors of differences by the bootstrap over questions, within tasks.");
    report.note(
        "starter, deferral: 100 trees of depth 3 and diff_01 were chosen by cross-validation on the generated questions: mean area over the five pairs .6940, against .6932 of diff_prob .6907 of quantile-deferral and .6429 of maxprob.");
    report.note(
        "starter/mixed, cost_share: mean cost over that of asking all eleven models, each task counts alike.");
    assertTrue(above.get("post-hoc-deferral, diff_01") > 0, above::toString);
  }

  private static ToDoubleFunction<Row> unsure(Confidence confidence) {
    return row -> -confidence.of(first(row).signals()).orElse(-1);
  }

  private static Recorded first(Row row) {
    return row.outcomes().getFirst().orElseThrow();
  }

  private static Map<String, DeferralCurve> rules(
      RecordedOutcomes generated, RecordedOutcomes held) {
    var rules = new LinkedHashMap<String, DeferralCurve>();
    rules.put(MAXPROB, new DeferralCurve(held, unsure(Confidence.MAXPROB)));
    rules.put("mean_token_prob", new DeferralCurve(held, unsure(Confidence.MEAN_TOKEN_PROB)));
    rules.put("min_token_prob", new DeferralCurve(held, unsure(Confidence.MIN_TOKEN_PROB)));
    for (DeferralFit fit : List.of(DeferralFit.POST_HOC, DeferralFit.QUANTILE)) {
      for (Target target : Target.values()) {
        DeferralMembers learned = fit.fit(generated, settings(target), new SplittableRandom(1));
        rules.put(
            fit.name() + ", " + target.name().toLowerCase(Locale.ROOT),
            new DeferralCurve(
                held,
                row -> -learned.confidence(0, first(row).signals(), row.embedding()).orElse(-1)));
      }
    }
    return rules;
  }

  private static Settings settings(Target target) {
    Settings usual = Settings.DEFAULTS;
    return new Settings(target, usual.head(), usual.trees(), usual.depth(), MemberOrder.COLUMNS, 0);
  }

  /** By how many standard errors each learned rule is above maxprob, on average over the pairs. */
  private static Map<String, Double> areas(
      String set, Map<String, Map<String, DeferralCurve>> pairs, ReplayReport report) {
    var above = new LinkedHashMap<String, Double>();
    pairs.forEach(
        (pair, rules) -> {
          report.add(set, "chance, " + pair, AREA, rules.get(MAXPROB).chance());
          rules.forEach((rule, curve) -> report.add(set, rule + ", " + pair, AREA, curve.area()));
        });
    Iterator<String> rules = pairs.values().iterator().next().keySet().iterator();
    while (rules.hasNext()) {
      String rule = rules.next();
      List<DeferralCurve> its = pairs.values().stream().map(all -> all.get(rule)).toList();
      List<DeferralCurve> plain = pairs.values().stream().map(all -> all.get(MAXPROB)).toList();
      double difference = mean(its) - mean(plain);
      String name = pairs.size() == 1 ? rule : rule + ", mean of the pairs";
      if (pairs.size() > 1) {
        report.add(set, name, AREA, mean(its));
      }
      if (!rule.equals(MAXPROB)) {
        double error = DeferralCurve.standardError(its, plain);
        report.add(set, name, AREA + ", less maxprob's", difference);
        report.add(set, name, AREA + ", less maxprob's: standard error", error);
        above.put(rule, difference / error);
      }
    }
    return above;
  }

  private static double mean(List<DeferralCurve> curves) {
    return curves.stream().mapToDouble(DeferralCurve::area).average().orElseThrow();
  }

  /** What the point does that the fit chooses: the best. */
  private static void best(
      StarterCascades starter, DeferralFit fit, String special, ReplayReport report) {
    List<String> pair = List.of(GENERAL, special);
    RecordedOutcomes held = starter.held(pair);
    Settings settings = settings(Target.DIFF_01);
    DeferralMembers learned = fit.fit(starter.generated(pair), settings, new SplittableRandom(1));
    CascadeMethod method = fit.points(learned, settings, StarterCascades.cards(held)).getLast();
    List<RecordedRun> runs = new ArrayList<>(StarterCascades.runs(method, held));
    double[] weights = StarterCascades.weights(held);
    double accuracy = 0;
    double usd = 0;
    for (int i = 0; i < weights.length; i++) {
      accuracy += weights[i] * runs.get(i).score();
      usd += weights[i] * runs.get(i).usd();
    }
    String name = fit.name() + ", " + GENERAL + " > " + special;
    report.add("starter/mixed", name, "accuracy", accuracy);
    report.add("starter/mixed", name, "cost_share", usd / starter.everybody());
  }
}
