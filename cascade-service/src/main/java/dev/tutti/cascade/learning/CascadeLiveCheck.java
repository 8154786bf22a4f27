package dev.tutti.cascade.learning;

import dev.tutti.cascade.LiveCascade;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.settings.SettingsException;
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
 * What a fit that asks members needs: settings with which what they say can be worth something,
 * references, costs in US dollars, members by names that router-service knows, and money for a
 * call. For one thread.
 */
final class CascadeLiveCheck<S extends Record> implements Fitting.LiveCheck {

  private final LiveCascade<S> method;
  private final FitRequest request;
  private final S settings;
  private final RecordedColumns columns;
  private final MemberPrices prices;

  /** What the cheapest call must have, US dollars. */
  private double leastUsd = Double.POSITIVE_INFINITY;

  CascadeLiveCheck(LiveCascade<S> method, FitRequest request, Dataset data, MemberPrices prices) {
    this.method = method;
    this.request = request;
    this.settings = request.settings(method);
    this.columns = new RecordedColumns(request, data);
    this.prices = prices;
    try {
      method.requireLive(settings);
    } catch (SettingsException e) {
      throw FitRequest.refused("settings." + e.setting(), e.getMessage());
    }
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
  }

  @Override
  public void take(RecordedQuery row) {
    if (row.getReference().isEmpty()) {
      throw FitRequest.refused(
          "dataset",
          "Query '%s' has no reference; what members answer live, with budget_usd, is held against one."
              .formatted(FitRequest.shown(row.getId())));
    }
    var query = new Query(row.getQuery());
    List<Optional<Outcome>> outcomes = columns.outcomes(row);
    for (int m = 0; m < outcomes.size(); m++) {
      OptionalDouble most =
          prices.mostUsd(method.shortestCall(settings, columns.members().get(m), query));
      double recorded =
          outcomes
              .get(m)
              .filter(Outcome::hasCost)
              .map(Outcome::getCost)
              .orElse(Double.POSITIVE_INFINITY);
      leastUsd = Math.min(leastUsd, most.orElse(recorded));
    }
  }

  @Override
  public void end() {
    double usd = request.parameters().budgetUsd();
    double least = method.leastUsd(settings, leastUsd);
    if (Double.isFinite(least) && usd < least) {
      throw FitRequest.refused(
          "budget_usd",
          "budget_usd is %s; at least %s is needed, as the cheapest call costs up to %s, by the prices of the member and max_tokens or as recorded."
              .formatted(usd, least, leastUsd));
    }
  }
}
