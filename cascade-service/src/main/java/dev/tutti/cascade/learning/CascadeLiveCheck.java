package dev.tutti.cascade.learning;

import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.LiveCascade;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a fit that asks members needs: references or a judge, costs in US dollars, members and judge
 * by names that router-service knows, and money for the dearest call and the verdict on it: what
 * learns ends at the first that its money does not pay. For one thread.
 */
final class CascadeLiveCheck<S extends Record> implements Fitting.LiveCheck {

  private final LiveCascade<S> method;
  private final FitRequest request;
  private final S settings;
  private final RecordedColumns columns;
  private final MemberPrices prices;

  private final boolean judged;

  /** What the dearest call must have, US dollars, as far as this is known. */
  private double dearestUsd;

  CascadeLiveCheck(LiveCascade<S> method, FitRequest request, Dataset data, MemberPrices prices) {
    this.method = method;
    this.request = request;
    this.settings = request.settings(method);
    this.columns = new RecordedColumns(request, data);
    this.prices = prices;
    if (data.getCostUnit() != CostUnit.COST_UNIT_USD_PER_CALL) {
      throw FitRequest.refused(
          "dataset",
          "Costs of dataset '%s' are not US dollars a call; where members are asked live, with budget_usd, they must be."
              .formatted(data.getName()));
    }
    List<String> unknown = prices.unknown(columns.members());
    if (!unknown.isEmpty()) {
      throw FitRequest.refused(
          "members",
          "With budget_usd members are asked live, by their names; the registry has no model or ensemble, or no longer, that is called %s."
              .formatted(
                  String.join(", ", unknown.stream().map(name -> "'" + name + "'").toList())));
    }
    Optional<String> judge = method.shortestVerdict(settings, new Query("")).map(LiveCall::member);
    this.judged = judge.isPresent();
    if (!prices.unknown(judge.stream().toList()).isEmpty()) {
      throw FitRequest.refused(
          "settings.judge",
          "judge is '%s'; the registry has no model or ensemble, or no longer, of this name."
              .formatted(FitRequest.shown(judge.get())));
    }
  }

  @Override
  public void take(RecordedQuery row) {
    if (row.getReference().isEmpty() && !judged) {
      throw FitRequest.refused(
          "dataset",
          "Query '%s' has no reference; what members answer live, with budget_usd, is held against one, or graded by a judge."
              .formatted(FitRequest.shown(row.getId())));
    }
    var query = new Query(row.getQuery());
    double verdict =
        method
            .shortestVerdict(settings, query)
            .map(prices::mostUsd)
            .orElse(OptionalDouble.empty())
            .orElse(0);
    List<Optional<Outcome>> outcomes = columns.outcomes(row);
    for (int m = 0; m < outcomes.size(); m++) {
      OptionalDouble most =
          prices.mostUsd(method.shortestCall(settings, columns.members().get(m), query));
      double recorded = outcomes.get(m).map(Outcome::getCost).orElse(0.0);
      dearestUsd = Math.max(dearestUsd, verdict + most.orElse(recorded));
    }
  }

  @Override
  public void end() {
    double usd = request.parameters().budgetUsd();
    double least = method.leastUsd(settings, dearestUsd);
    if (usd < least) {
      throw FitRequest.refused(
          "budget_usd",
          "budget_usd is %s; at least %s is needed, as the dearest call costs up to %s%s, by the prices of the member and max_tokens or as recorded. Choose a higher one, fewer alpha, lower max_tokens or other members."
              .formatted(usd, least, dearestUsd, judged ? " with the judge's verdict on it" : ""));
    }
  }
}
