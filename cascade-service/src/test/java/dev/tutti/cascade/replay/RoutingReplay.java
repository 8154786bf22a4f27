package dev.tutti.cascade.replay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.method.agent.DerFit;
import dev.tutti.cascade.method.agent.Worth;
import dev.tutti.cascade.method.calibrated.CalibratedCascadingReplay;
import dev.tutti.cascade.method.calibrated.CostAxis;
import dev.tutti.cascade.method.calibrated.CostAxis.Point;
import dev.tutti.cascade.method.frugal.FrugalGptFit;
import dev.tutti.cascade.method.routing.CascadeRoutingFit;
import dev.tutti.cascade.method.routing.CascadeRoutingFit.Order;
import dev.tutti.cascade.method.routing.CascadeRoutingFit.Plan;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.testing.RecordedEmbeddings;
import dev.tutti.kit.testing.Recordings;
import dev.tutti.kit.testing.ReplayReport;
import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.network.ProximalPolicy.Advantage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * FrugalGPT, cascade routing and DER over recorded answers: {@code routerbench_subset11} as
 * router-service measures its routers, and all nine members of {@code zellinger_cascade9} beside
 * the best fixed chain. Learned from the train splits, with default settings but for DER; measured
 * on the test splits.
 */
public final class RoutingReplay {

  private static final String BENCH = "routerbench_subset11";
  private static final String NINE = "zellinger_cascade9";
  private static final String SINGLES = "hull of the single members";
  private static final double[] COSTS = {.0002, .0005, .001, .002};

  private RoutingReplay() {}

  /** Replays both sets. */
  public static void run(ReplayReport report) {
    routerBench(report);
    for (String data : List.of("mmlu", "triviaqa")) {
      nine(report, data);
    }
  }

  private static CascadeRoutingFit.Settings routing(
      boolean embedding, Plan plan, Order order, int longest) {
    return new CascadeRoutingFit.Settings(
        embedding, 10, 3, AnswerForm.AUTO, plan, order, longest, 0);
  }

  private static FrugalGptFit.Settings frugal(boolean embedding) {
    return new FrugalGptFit.Settings(embedding, 10, 3, AnswerForm.AUTO, .5, 3, 0);
  }

  /** As on the starter models, but for the weights of cost and the epochs. */
  private static DerFit.Settings der(boolean signals) {
    return new DerFit.Settings(
        Worth.SCORE,
        .73,
        List.of(.003, .03, .1, .3, 1.0),
        5,
        2,
        4,
        0,
        Advantage.REWARD,
        .95,
        .2,
        20,
        256,
        16,
        64,
        3e-3,
        32,
        .02,
        .1,
        signals,
        64,
        0,
        DerFit.Settings.DEFAULTS.transfer(),
        DerFit.Settings.DEFAULTS.maxTokens(),
        "");
  }

  /** Of questions and answers. */
  private static RecordedEmbeddings embeddings(List<JsonNode> rows) {
    var embeddings = new RecordedEmbeddings();
    embeddings.embed(
        rows.stream()
            .flatMap(
                row ->
                    Stream.concat(
                        Stream.of(row.get("query").asText()),
                        row.get("models").properties().stream()
                            .map(its -> its.getValue().path("response").asText(""))))
            .filter(text -> !text.isBlank())
            .toList());
    return embeddings;
  }

  private static Recorded recorded(
      JsonNode its, AnswerSignals signals, double usd, RecordedEmbeddings embeddings) {
    String text = its.path("response").asText("");
    return new Recorded(
        text,
        signals,
        its.get("score").asDouble(),
        usd,
        List.of(),
        Optional.empty(),
        Optional.ofNullable(text.isBlank() ? null : embeddings.of(text)));
  }

  private static void routerBench(ReplayReport report) {
    var read = new ArrayList<JsonNode>();
    Recordings.read(BENCH, read::add);
    List<JsonNode> rows = read.stream().filter(row -> row.get("models").size() == 11).toList();
    RecordedEmbeddings embeddings = embeddings(rows);
    Set<String> tested =
        rows.stream()
            .filter(row -> row.get("split").asText().equals("test"))
            .map(row -> row.get("query").asText())
            .collect(Collectors.toSet());
    RecordedOutcomes test =
        outcomes(
            rows.stream().filter(row -> row.get("split").asText().equals("test")).toList(),
            embeddings);
    RecordedOutcomes train =
        outcomes(
            rows.stream()
                .filter(row -> row.get("split").asText().equals("train"))
                .filter(row -> !tested.contains(row.get("query").asText()))
                .toList(),
            embeddings);
    List<Point> singles =
        IntStream.range(0, test.members().size())
            .mapToObj(
                m ->
                    Point.of(
                        test.rows().stream()
                            .mapToDouble(r -> r.outcomes().get(m).orElseThrow().usd())
                            .toArray(),
                        test.rows().stream().mapToDouble(r -> r.score(m)).toArray()))
            .toList();
    Point cheapest = singles.stream().min(Comparator.comparingDouble(Point::usd)).orElseThrow();
    double low = cheapest.usd();
    double high = singles.stream().mapToDouble(Point::usd).max().orElseThrow();
    report.add(BENCH, SINGLES, "AIQ", aiq(hull(singles), low, high));
    var curves = new LinkedHashMap<String, List<Point>>();
    curves.put(
        "cascade-routing",
        curve(new CascadeRoutingFit(), routing(true, Plan.LOOK_AHEAD, Order.FREE, 3), train, test));
    curves.put(
        "cascade-routing, supermodels",
        curve(
            new CascadeRoutingFit(), routing(true, Plan.SUPERMODELS, Order.FREE, 3), train, test));
    curves.put(
        "cascade-routing, longest 1: pure routing",
        curve(new CascadeRoutingFit(), routing(true, Plan.LOOK_AHEAD, Order.FREE, 1), train, test));
    curves.put(
        "cascade-routing, by_cost: a pure cascade",
        curve(
            new CascadeRoutingFit(),
            routing(true, Plan.LOOK_AHEAD, Order.BY_COST, 3),
            train,
            test));
    curves.put("der", curve(new DerFit(), der(false), train, test));
    curves.put("frugal-gpt", curve(new FrugalGptFit(), frugal(true), train, test));
    var hulls =
        curves.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    its -> {
                      var all = new ArrayList<>(its.getValue());
                      // What every router can do whatever it is asked.
                      all.add(cheapest);
                      return hull(all);
                    },
                    (one, _) -> one,
                    LinkedHashMap::new));
    List<Point> pure = hulls.get("cascade-routing, longest 1: pure routing");
    for (String method : curves.keySet()) {
      List<Point> hull = hulls.get(method);
      report.add(BENCH, method, "AIQ", aiq(hull, low, high));
      for (double cost : COSTS) {
        report.add(
            BENCH,
            method,
            "quality at %.4f USD".formatted(cost),
            1 - CostAxis.mean(CostAxis.errors(hull, cost)));
      }
      if (hull != pure) {
        double[] ours = CostAxis.errors(hull, low, high);
        double[] theirs = CostAxis.errors(pure, low, high);
        report.add(
            BENCH, method, "AIQ, less pure routing's", CostAxis.mean(theirs) - CostAxis.mean(ours));
        report.add(
            BENCH,
            method,
            "AIQ, less pure routing's: standard error",
            CostAxis.standardError(ours, theirs));
      }
    }
    hulls.put(SINGLES, hull(singles));
    EqualQuality.rows(report, BENCH, hulls, pure, singles);
    report.note(
        "routerbench_subset11: learned from the train split with default settings, %d questions, and measured on the test split, %d, as router-service measures its routers (its METHODS.md: the best of them has .8559). AIQ over the range of the single members' costs; each curve begins at the cheapest member alone. Standard errors are those of the questions' differences, the hulls as they are. Costs at equal quality are of the hulls: at the best quality that a router of router-service has at .0002, .0005, .001 and .002 USD, and at the best single member's, gpt-4-1106-preview; who has no row there does not come so far. Their standard errors take a question's quality along the curve for cost (the delta method)."
            .formatted(train.rows().size(), test.rows().size()));
    report.note(
        "routerbench_subset11 and zellinger_cascade9, der: recorded answers, therefore without knowledge transfer; not the default settings: agents of alpha .003, .03, .1, .3 and 1 in one curve, 20 epochs, 64 axes, buffers of 256; thresholds chosen on a fifth of the train split. On zellinger_cascade9 the terminator sees what members say of their confidence.");
    assertTrue(aiq(hulls.get("cascade-routing"), low, high) >= .856);
  }

  private static RecordedOutcomes outcomes(List<JsonNode> rows, RecordedEmbeddings embeddings) {
    var members = new TreeSet<String>();
    rows.getFirst().get("models").fieldNames().forEachRemaining(members::add);
    List<Row> all =
        rows.stream()
            .map(
                row -> {
                  String query = row.get("query").asText();
                  List<Optional<Recorded>> outcomes =
                      members.stream()
                          .map(m -> row.get("models").get(m))
                          .map(
                              its ->
                                  Optional.of(
                                      recorded(
                                          its,
                                          AnswerSignals.NONE,
                                          its.get("cost").asDouble(),
                                          embeddings)))
                          .toList();
                  return new Row(
                      FitRequest.number(query),
                      row.get("dataset").asText(),
                      new Query(query),
                      Optional.of(embeddings.of(query)),
                      outcomes);
                })
            .toList();
    return new RecordedOutcomes(List.copyOf(members), all);
  }

  private static <S extends Record> List<Point> curve(
      FittedCascade<S> method, S settings, RecordedOutcomes train, RecordedOutcomes test) {
    long begin = System.nanoTime();
    LearnedCascade learned =
        method.read(method.parameters(method.fit(train, settings, new SplittableRandom(1))));
    List<MemberCard> cards = StarterCascades.cards(test);
    List<CascadeMethod> points = method.points(learned, settings, cards);
    System.out.printf(
        "  %s: fitted in %.1f s, %d points%n",
        method.name(), (System.nanoTime() - begin) / 1e9, points.size());
    // The last one is one of the others.
    return points.subList(0, points.size() - 1).parallelStream()
        .map(point -> measured(point, cards, test))
        .toList();
  }

  private static Point measured(
      CascadeMethod method, List<MemberCard> cards, RecordedOutcomes test) {
    List<RecordedRun> runs =
        test.rows().stream().map(row -> RecordedRun.of(method, cards, row)).toList();
    return Point.of(
        runs.stream().mapToDouble(RecordedRun::usd).toArray(),
        runs.stream().mapToDouble(RecordedRun::score).toArray());
  }

  /** The points of the hull. */
  private static List<Point> hull(List<Point> points) {
    Set<CostCurve.Point> kept =
        new HashSet<>(CostCurve.of(points.stream().map(RoutingReplay::plain).toList()).hull());
    var hull = new ArrayList<Point>();
    for (Point point : points) {
      if (kept.remove(plain(point))) {
        hull.add(point);
      }
    }
    return hull;
  }

  private static CostCurve.Point plain(Point point) {
    return new CostCurve.Point(point.usd(), point.quality());
  }

  private static double aiq(List<Point> hull, double low, double high) {
    return CostCurve.of(hull.stream().map(RoutingReplay::plain).toList()).aiq(low, high);
  }

  /** All nine members, USD a million questions; answers cost their member's mean. */
  private static void nine(ReplayReport report, String data) {
    var read = new ArrayList<JsonNode>();
    Recordings.read(NINE, read::add);
    read.removeIf(row -> !row.get("dataset").asText().equals(data));
    RecordedEmbeddings embeddings = embeddings(read);
    RecordedOutcomes train = nine(read, data, "train", embeddings);
    RecordedOutcomes test = nine(read, data, "test", embeddings);
    List<Point> fixed = CalibratedCascadingReplay.fixedChain(data);
    var curves = new LinkedHashMap<String, List<Point>>();
    curves.put(
        "cascade-routing",
        curve(
            new CascadeRoutingFit(), routing(false, Plan.LOOK_AHEAD, Order.FREE, 3), train, test));
    curves.put(
        "cascade-routing, supermodels",
        curve(
            new CascadeRoutingFit(), routing(false, Plan.SUPERMODELS, Order.FREE, 3), train, test));
    curves.put("der", curve(new DerFit(), der(true), train, test));
    curves.put("frugal-gpt", curve(new FrugalGptFit(), frugal(false), train, test));
    for (var its : curves.entrySet()) {
      List<Point> points = hull(its.getValue());
      for (double usd : CalibratedCascadingReplay.costs(data)) {
        double[] ours = CostAxis.errors(points, usd);
        double[] chain = CostAxis.errors(fixed, usd);
        String metric = "error at %.0f USD a million questions".formatted(usd);
        String method = its.getKey() + ", all nine";
        report.add(NINE + " " + data, method, metric, CostAxis.mean(ours));
        report.add(
            NINE + " " + data,
            method,
            metric + ", less the best fixed chain's",
            CostAxis.mean(ours) - CostAxis.mean(chain));
        report.add(
            NINE + " " + data,
            method,
            metric + ", less the best fixed chain's: standard error",
            CostAxis.standardError(ours, chain));
      }
    }
    report.note(
        "cascade-routing and frugal-gpt on zellinger_cascade9 %s: learned from %d questions, without embeddings; the best fixed chain of up to three is the one of calibrated-cascading, found on the train split."
            .formatted(data, train.rows().size()));
  }

  /**
   * Answers of all nine members of a data set of {@code zellinger_cascade9}.
   *
   * @param read the recording's rows of that data set
   * @param split train or test
   * @param embeddings of the questions, and of the answers as far as methods look at them
   */
  public static RecordedOutcomes nine(
      List<JsonNode> read, String data, String split, RecordedEmbeddings embeddings) {
    List<JsonNode> rows =
        read.stream().filter(row -> row.get("split").asText().equals(split)).toList();
    List<String> members = new ArrayList<>();
    rows.getFirst().get("models").fieldNames().forEachRemaining(members::add);
    double[] usd =
        members.stream()
            .mapToDouble(
                m ->
                    1e6
                        * rows.stream()
                            .mapToDouble(
                                row -> row.get("models").get(m).get("cost_tokens").asDouble())
                            .average()
                            .orElseThrow())
            .toArray();
    OptionalDouble none = OptionalDouble.empty();
    var all = new ArrayList<Row>();
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      var outcomes = new ArrayList<Optional<Recorded>>();
      for (int m = 0; m < usd.length; m++) {
        JsonNode its = row.get("models").get(members.get(m));
        OptionalDouble told = OptionalDouble.of(its.get("confidence").asDouble());
        outcomes.add(
            Optional.of(
                recorded(
                    its, new AnswerSignals(none, told, none, none, none), usd[m], embeddings)));
      }
      String query = row.get("query").asText();
      all.add(
          new Row(i, data, new Query(query), Optional.ofNullable(embeddings.of(query)), outcomes));
    }
    return new RecordedOutcomes(members, all);
  }
}
