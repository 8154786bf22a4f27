package dev.tutti.cascade.learning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.cascade.BudgetException;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.LearnedCascade;
import dev.tutti.cascade.LiveCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.episode.RecordedRun;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.SetResult;
import dev.tutti.learning.Parameters;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.numerics.measure.HeldOut;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A fit of a cascade at work: it learns, and replays what it learned on what was held out. */
final class CascadeFit<S extends Record> implements Fitting.Fit {

  private final FittedCascade<S> method;
  private final S settings;
  private final Optional<MemberPrices> prices;
  private final RecordedRows rows;

  /**
   * Begins.
   *
   * @param prices of those that are asked live, of a {@link LiveCascade}; empty where nobody is
   */
  CascadeFit(
      FittedCascade<S> method, FitRequest request, Dataset data, Optional<MemberPrices> prices) {
    this.method = method;
    this.settings = request.settings(method);
    this.prices = prices;
    this.rows = new RecordedRows(request, new RecordedColumns(request, data), method);
  }

  @Override
  public List<String> texts(RecordedQuery row) {
    return rows.toEmbed(row);
  }

  @Override
  public void take(RecordedQuery row, List<float[]> vectors) {
    rows.add(row, vectors);
  }

  @Override
  public Fitting.Result learn(FitContext context) {
    RecordedOutcomes learned = rows.side(false);
    RecordedOutcomes held = rows.side(true);
    context.progress(
        0, 0, "fit: %s learns from %d questions".formatted(method.name(), learned.rows().size()));
    LearnedCascade cascade;
    try {
      cascade =
          prices.isPresent()
              ? ((LiveCascade<S>) method)
                  .fit(
                      learned,
                      settings,
                      context.random(),
                      context::progress,
                      new AskedMembers(context, prices.get()))
              : method.fit(learned, settings, context.random(), context::progress);
    } catch (BudgetException e) {
      throw FitRequest.refused("budget_usd", e.getMessage());
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("dataset", e.getMessage());
    }
    List<MemberCard> cards = cards(learned);
    List<CascadeMethod> points = method.points(cascade, settings, cards);
    var curve = new ArrayList<CostCurve.Point>();
    List<RecordedRun> last = List.of();
    for (int i = 0; i < points.size(); i++) {
      context.progress(i, points.size(), "measure: each point of the curve on what was held out");
      last = runs(points.get(i), cards, held);
      curve.add(new CostCurve.Point(mean(last, true), mean(last, false)));
    }
    FitQuality quality = quality(held, last);
    ObjectNode metrics = metrics(quality, last);
    TunedPoints.in(method.parameters(cascade)).ifPresent(tuned -> tell(tuned, metrics));
    tellReturns(method.parameters(cascade), metrics);
    if (prices.isPresent()) {
      // Nobody is asked about what is held out.
      ObjectNode live =
          metrics
              .putObject("live")
              .put("spent_usd", context.usdSpent())
              .put("held_out_measured_on", "recorded answers");
      Matrix asked = method.parameters(cascade).matrices().get(FittedCascade.LIVE);
      if (asked != null) {
        live.put(
            "points_chosen_on",
            asked.at(0, 0) > 0
                ? "live answers to %d questions".formatted((int) asked.at(0, 0))
                : "recorded answers");
      }
    }
    return new Fitting.Result(
        quality.with(method.parameters(cascade)),
        new Fitting.Data(learned.fingerprint(), learned.rows().size(), held.rows().size()),
        metrics,
        heldOut(held, last),
        new Fitting.Comparison(shares(held, last), sets(held, last), curve));
  }

  /** Members as the recipe would tell them, with what their answers cost on average. */
  private static List<MemberCard> cards(RecordedOutcomes learned) {
    return IntStream.range(0, learned.members().size())
        .mapToObj(m -> MemberCard.of(learned.members().get(m), 1).costing(learned.usd(m)))
        .toList();
  }

  private static List<RecordedRun> runs(
      CascadeMethod method, List<MemberCard> cards, RecordedOutcomes held) {
    return held.rows().stream().map(row -> RecordedRun.of(method, cards, row)).toList();
  }

  private static double mean(List<RecordedRun> runs, boolean usd) {
    return runs.stream().mapToDouble(run -> usd ? run.usd() : run.score()).average().orElseThrow();
  }

  private static HeldOut heldOut(RecordedOutcomes held, List<RecordedRun> runs) {
    var quality = new float[runs.size()];
    for (int i = 0; i < quality.length; i++) {
      quality[i] = (float) runs.get(i).score();
    }
    return new HeldOut(held.rows().stream().mapToLong(Row::number).toArray(), quality);
  }

  private static Map<String, Double> shares(RecordedOutcomes held, List<RecordedRun> runs) {
    List<RecordedRun> given = runs.stream().filter(run -> run.member() >= 0).toList();
    var shares = new TreeMap<String, Double>();
    if (!given.isEmpty()) {
      held.members().forEach(member -> shares.put(member, 0.0));
      given.forEach(
          run -> shares.merge(held.members().get(run.member()), 1.0 / given.size(), Double::sum));
    }
    return shares;
  }

  private static List<SetResult> sets(RecordedOutcomes held, List<RecordedRun> runs) {
    return IntStream.range(0, runs.size())
        .boxed()
        .collect(
            Collectors.groupingBy(
                i -> held.rows().get(i).set(),
                TreeMap::new,
                Collectors.summarizingDouble(i -> runs.get(i).score())))
        .entrySet()
        .stream()
        .map(
            set ->
                new SetResult(set.getKey(), set.getValue().getCount(), set.getValue().getAverage()))
        .toList();
  }

  private static FitQuality quality(RecordedOutcomes held, List<RecordedRun> runs) {
    int best =
        IntStream.range(0, held.members().size())
            .filter(m -> !Double.isNaN(held.score(m)))
            .boxed()
            .max(Comparator.comparingDouble(held::score))
            .orElseThrow();
    return new FitQuality(
        mean(runs, false),
        held.members().get(best),
        held.score(best),
        held.rows().stream()
            .mapToDouble(
                row ->
                    IntStream.range(0, held.members().size())
                        .mapToDouble(row::score)
                        .filter(score -> !Double.isNaN(score))
                        .max()
                        .orElseThrow())
            .average()
            .orElseThrow(),
        Optional.empty(),
        Optional.of(new FitQuality.Costs(mean(runs, true), held.usd(best))));
  }

  private static ObjectNode metrics(FitQuality quality, List<RecordedRun> runs) {
    FitQuality.Costs costs = quality.costs().orElseThrow();
    return JsonNodeFactory.instance
        .objectNode()
        .put("queries", runs.size())
        .put("quality", quality.quality())
        .put("cost", costs.mean())
        .put("answers", runs.stream().mapToInt(RecordedRun::answers).average().orElseThrow())
        .put("coverage", (double) runs.stream().filter(r -> r.member() >= 0).count() / runs.size())
        .put("best_member", quality.bestMember())
        .put("best_member_quality", quality.best())
        .put("best_member_cost", costs.best())
        .put("oracle_quality", quality.oracle());
  }

  /** How it learned, epoch by epoch, as far as the money did. */
  private static void tellReturns(Parameters learned, ObjectNode metrics) {
    Matrix returns = learned.matrices().get(FittedCascade.RETURNS);
    if (returns != null) {
      ArrayNode agents = metrics.putArray(FittedCascade.RETURNS);
      for (int agent = 0; agent < returns.rows(); agent++) {
        ArrayNode epochs = agents.addArray();
        for (float mean : returns.row(agent)) {
          if (!Float.isNaN(mean)) {
            epochs.add(mean);
          }
        }
      }
    }
  }

  /**
   * What an ensemble may take: cost and quality on what was learned from, and the rule's numbers.
   */
  private static void tell(TunedPoints tuned, ObjectNode metrics) {
    metrics.put("chosen_point", tuned.chosen());
    ArrayNode points = metrics.putArray("points");
    for (TunedPoints.Point point : tuned.points()) {
      ArrayNode values =
          points
              .addObject()
              .put("cost", point.usd())
              .put("quality", point.quality())
              .putArray("values");
      for (float value : point.values()) {
        // JSON has no infinity.
        values.add(Float.isFinite(value) ? (Float) value : null);
      }
    }
  }
}
