package dev.tutti.router.learning;

import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.router.FittedEstimator;
import dev.tutti.router.FittedMethods;
import dev.tutti.router.QualityEstimator;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** How the router learns: estimators of quality, from embedded queries and what came of them. */
@ApplicationScoped
public class RouterFitting implements Fitting<QualityEstimator> {

  @Override
  public List<FittedEstimator<?>> methods() {
    return FittedMethods.ALL;
  }

  @Override
  public void requireRoom(long queries) {
    RecordedQueries.requireRoom(queries);
  }

  @Override
  public Fit begin(FitRequest request, Dataset data) {
    FittedEstimator<?> method =
        FittedMethods.ALL.stream()
            .filter(m -> m.name().equals(request.method().name()))
            .findFirst()
            .orElseThrow();
    boolean priced = data.getCostUnit() == CostUnit.COST_UNIT_USD_PER_CALL;
    var queries = new RecordedQueries(request, priced, method.answers(), data);
    return new EstimatorFit<>(request, method, queries);
  }
}
