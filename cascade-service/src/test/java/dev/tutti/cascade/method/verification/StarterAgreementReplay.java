package dev.tutti.cascade.method.verification;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.replay.DeferralCurve;
import dev.tutti.cascade.replay.StarterCascades;
import dev.tutti.cascade.tuning.MemberOrder;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.measure.IncrementalBenefit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The rules of consistency and AutoMix on two starter models, the first of which is {@code
 * generalist}: deferral curves beside those of its confidence and of chance, on the held-out
 * questions. What is learned is learned on generated ones.
 */
public final class StarterAgreementReplay {

  private static final String GENERAL = "generalist";

  /** Each of the others that is the best at something. */
  private static final List<String> SPECIAL =
      List.of("adder-strong", "calculator", "generalist-dates", "generalist-units", "wordsmith");

  private static final String CHAIN = "starter/chain";

  private static final String AREA = "area of the deferral curve";

  private static final int SAMPLES = 7;

  /** Less than two shares differ by. */
  private static final double TIE = 1e-6;

  private final StarterCascades starter;
  private final ReplayReport report;

  private StarterAgreementReplay(StarterCascades starter, ReplayReport report) {
    this.starter = starter;
    this.report = report;
  }

  /** Adds its rows. */
  public static void run(StarterCascades starter, ReplayReport report) {
    var replay = new StarterAgreementReplay(starter, report);
    replay.areas(CHAIN, List.of("calculator"), Set.of("chain"));
    replay.areas("starter/mixed", SPECIAL, Set.of());
    replay.points(CHAIN, "calculator", Set.of("chain"));
    SPECIAL.forEach(second -> replay.points("starter/mixed", second, Set.of()));
    report.note(
        "starter, consistency and automix: as for deferral, beside its maxprob. consistency: seven"
            + " answers of generalist at temperature 0.7, what most of them say is given. automix:"
            + " these models' contexts of 64 to 96 tokens hold no prompt that asks for a check, so"
            + " the share of the seven that say what the greedy answer says stands for it;"
            + " automix-pomdp counts on generated questions and defers first, pomdp the bins of the"
            + " least reward from which on they are, greedy_pomdp those of the highest smoothed"
            + " gain. Of equally urgent questions chance says which is first, the same for all"
            + " rules. cost_share counts all seven answers, so Delta_IBC of chains (what is gained for what is"
            + " paid beyond generalist alone, against calculator alone) is below 0.");
  }

  private void areas(String set, List<String> special, Set<String> tasks) {
    var plain = new ArrayList<DeferralCurve>();
    var rules = new LinkedHashMap<String, List<DeferralCurve>>();
    for (String second : special) {
      List<String> pair = List.of(GENERAL, second);
      RecordedOutcomes held = of(starter.held(pair), tasks);
      var maxprob = new DeferralCurve(held, row -> -probability(row));
      plain.add(maxprob);
      rules(of(starter.generated(pair), tasks), held)
          .forEach(
              (rule, curve) -> {
                rules.computeIfAbsent(rule, _ -> new ArrayList<>()).add(curve);
                String name = "%s, %s > %s".formatted(rule, GENERAL, second);
                report.add(set, name, AREA, curve.area());
                assertTrue(curve.area() > maxprob.chance(), name);
                difference(set, name, List.of(curve), List.of(maxprob));
              });
    }
    if (special.size() > 1) {
      rules.forEach(
          (rule, curves) -> {
            report.add(set, rule + ", mean of the pairs", AREA, mean(curves));
            difference(set, rule + ", mean of the pairs", curves, plain);
          });
    }
  }

  private void difference(
      String set, String name, List<DeferralCurve> curves, List<DeferralCurve> plain) {
    report.add(set, name, AREA + ", less maxprob's", mean(curves) - mean(plain));
    report.add(
        set,
        name,
        AREA + ", less maxprob's: standard error",
        DeferralCurve.standardError(curves, plain));
  }

  private static double mean(List<DeferralCurve> curves) {
    return curves.stream().mapToDouble(DeferralCurve::area).average().orElseThrow();
  }

  private Map<String, DeferralCurve> rules(RecordedOutcomes generated, RecordedOutcomes held) {
    MetaVerifier verifier = counted(checked(generated));
    double[] gains = verifier.smoothed();
    RecordedOutcomes checked = checked(held);
    var rules = new LinkedHashMap<String, DeferralCurve>();
    rules.put("consistency, 7 samples", curve(voted(held), row -> -share(row)));
    rules.put("automix, threshold", curve(checked, row -> -share(row)));
    rules.put(
        "automix-pomdp, pomdp",
        curve(checked, row -> -verifier.reward(VerifierBins.bin(share(row), SAMPLES))));
    rules.put(
        "automix-pomdp, greedy_pomdp",
        curve(checked, row -> gains[VerifierBins.bin(share(row), SAMPLES)]));
    return rules;
  }

  /** Shares are few: of equals chance says who is deferred first, the same for each rule. */
  private static DeferralCurve curve(RecordedOutcomes data, ToDoubleFunction<Row> urgency) {
    return new DeferralCurve(
        data,
        row -> urgency.applyAsDouble(row) + TIE * new SplittableRandom(row.number()).nextDouble());
  }

  /**
   * What default thresholds of consistency do, and the point that the fit of automix-pomdp takes.
   */
  private void points(String set, String second, Set<String> tasks) {
    List<String> pair = List.of(GENERAL, second);
    RecordedOutcomes voted = voted(of(starter.held(pair), tasks));
    double threshold = ConsistencyPolicy.Settings.DEFAULTS.thresholds().getFirst();
    point(
        set,
        "consistency, 7 samples, threshold %.1f, %s > %s".formatted(threshold, GENERAL, second),
        voted,
        row -> score(row, share(row) >= threshold ? 0 : 1),
        row -> usd(row, 0) + (share(row) >= threshold ? 0 : usd(row, 1)));
    var fit = new AutoMixPomdpFit();
    var settings =
        new AutoMixPomdpFit.Settings(AutoMixPomdpFit.Rule.POMDP, SAMPLES, MemberOrder.COLUMNS, 0);
    VerifierBins learned =
        fit.fit(checked(of(starter.generated(pair), tasks)), settings, new SplittableRandom(1));
    RecordedOutcomes checked = checked(of(starter.held(pair), tasks));
    CascadeMethod method = fit.points(learned, settings, StarterCascades.cards(checked)).getLast();
    Map<Long, RecordedRun> runs = new HashMap<>();
    List<RecordedRun> all = StarterCascades.runs(method, checked);
    for (int i = 0; i < all.size(); i++) {
      runs.put(checked.rows().get(i).number(), all.get(i));
    }
    point(
        set,
        "automix-pomdp, %s > %s".formatted(GENERAL, second),
        checked,
        row -> runs.get(row.number()).score(),
        row -> runs.get(row.number()).usd());
  }

  private void point(
      String set,
      String method,
      RecordedOutcomes data,
      ToDoubleFunction<Row> score,
      ToDoubleFunction<Row> usd) {
    var point =
        new CostCurve.Point(StarterCascades.macro(data, usd), StarterCascades.macro(data, score));
    report.add(set, method, "accuracy", point.quality());
    if (!set.equals(CHAIN)) {
      report.add(set, method, "cost_share", point.usd() / starter.everybody());
      return;
    }
    RecordedOutcomes held = StarterCascades.tasks(starter.held(data.members()), Set.of("chain"));
    report.add(
        set,
        method,
        "Delta_IBC, percent",
        IncrementalBenefit.delta(point, alone(held, 0), alone(held, 1)));
  }

  private static CostCurve.Point alone(RecordedOutcomes data, int member) {
    return new CostCurve.Point(
        StarterCascades.macro(data, row -> usd(row, member)),
        StarterCascades.macro(data, row -> score(row, member)));
  }

  private static double score(Row row, int member) {
    return row.outcomes().get(member).map(Recorded::score).orElse(0.0);
  }

  private static double usd(Row row, int member) {
    return row.outcomes().get(member).map(Recorded::usd).orElse(0.0);
  }

  private static MetaVerifier counted(RecordedOutcomes data) {
    var verifier = new MetaVerifier(SAMPLES);
    data.rows().stream()
        .filter(row -> row.outcomes().stream().allMatch(Optional::isPresent))
        .forEach(
            row -> verifier.add(VerifierBins.bin(share(row), SAMPLES), row.score(0), row.score(1)));
    return verifier;
  }

  private static RecordedOutcomes of(RecordedOutcomes data, Set<String> tasks) {
    return tasks.isEmpty() ? data : StarterCascades.tasks(data, tasks);
  }

  private static double probability(Row row) {
    return Confidence.MAXPROB.of(row.outcomes().getFirst().orElseThrow().signals()).orElse(-1);
  }

  /** The first member's samples in place of its answer: what most say, and how many do. */
  private RecordedOutcomes voted(RecordedOutcomes data) {
    return with(
        data,
        row -> {
          List<Recorded> drawn = starter.drawn(row);
          Policy.Accept accept = vote(row, drawn);
          Recorded given = drawn.get(accept.stage());
          return new Recorded(
              given.text(),
              AnswerSignals.NONE,
              given.score(),
              usd(drawn),
              List.of(),
              Optional.of(new Checks(accept.confidence().orElse(0), 0)));
        });
  }

  private static Policy.Accept vote(Row row, List<Recorded> drawn) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < drawn.size(); i++) {
      stages.add(new Answered(new Asked(0, i, 0, 1, ""), drawn.get(i).text(), AnswerSignals.NONE));
    }
    var everything =
        new ConsistencyPolicy(
            new ConsistencyPolicy.Settings(SAMPLES, .7, List.of(0.0), AnswerForm.AUTO));
    List<MemberCard> cards = List.of(MemberCard.of(GENERAL, 1), MemberCard.of("other", 1));
    return (Policy.Accept)
        everything.next(new Episode(row.query(), cards, stages, OptionalDouble.empty(), false));
  }

  /** The first member's answer, with the share of its samples that say the same. */
  private RecordedOutcomes checked(RecordedOutcomes data) {
    return with(
        data,
        row -> {
          Recorded its = row.outcomes().getFirst().orElseThrow();
          List<Recorded> drawn = starter.drawn(row);
          double same =
              drawn.stream().filter(sample -> read(sample.text()).equals(read(its.text()))).count();
          return new Recorded(
              its.text(),
              its.signals(),
              its.score(),
              its.usd(),
              List.of(),
              Optional.of(new Checks(same / drawn.size(), usd(drawn))));
        });
  }

  private static Optional<String> read(String text) {
    return AnswerForm.AUTO.resolve(List.of(text)).canonical(text);
  }

  private static double usd(List<Recorded> answers) {
    return answers.stream().mapToDouble(Recorded::usd).sum();
  }

  private static RecordedOutcomes with(RecordedOutcomes data, Function<Row, Recorded> first) {
    return new RecordedOutcomes(
        data.members(),
        data.rows().stream()
            .map(
                row ->
                    new Row(
                        row.number(),
                        row.set(),
                        row.query(),
                        row.embedding(),
                        List.of(Optional.of(first.apply(row)), row.outcomes().get(1))))
            .toList());
  }

  private static double share(Row row) {
    return row.outcomes().getFirst().flatMap(Recorded::checks).map(Checks::share).orElse(-1.0);
  }
}
