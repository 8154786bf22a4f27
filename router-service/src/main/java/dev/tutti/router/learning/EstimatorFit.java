package dev.tutti.router.learning;

import dev.tutti.learning.FitContext;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.Result;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.Estimate;
import dev.tutti.router.FittedEstimator;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.evaluation.Measured;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.selection.Calibration;
import java.util.ArrayList;
import java.util.List;

/** A fit of an estimator at work. */
final class EstimatorFit<S extends Record> implements Fitting.Fit {

  private final FitRequest request;
  private final FittedEstimator<S> method;
  private final RecordedQueries queries;

  EstimatorFit(FitRequest request, FittedEstimator<S> method, RecordedQueries queries) {
    this.request = request;
    this.method = method;
    this.queries = queries;
  }

  @Override
  public List<String> texts(RecordedQuery row) {
    return queries.texts(row);
  }

  @Override
  public void take(RecordedQuery row, List<float[]> vectors) {
    queries.add(row, vectors);
  }

  @Override
  public Result learn(FitContext context) {
    Outcomes learned = queries.outcomes(false);
    Outcomes held = queries.outcomes(true);
    context.progress(
        0, 0, "fit: %s learns from %d queries".formatted(method.name(), learned.size()));
    QualityEstimator estimator = fit(learned, context);
    List<Estimate> estimates = estimate(estimator, held, context);
    Measured.Result measured = Measured.of(estimates, learned, held, queries.heldOut());
    var calibration = Calibration.of(estimates, learned, held, request.parameters().qualityDrop());
    return new Result(
        calibration.in(estimator.parameters()),
        new Fitting.Data(learned.fingerprint(), learned.size(), held.size()),
        MetricsJson.of(measured.measured(), calibration),
        measured.heldOut(),
        measured.comparison());
  }

  private QualityEstimator fit(Outcomes learned, FitContext context) {
    try {
      return method.fit(learned, request.settings(method), context.random());
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("dataset", e.getMessage());
    }
  }

  private static List<Estimate> estimate(
      QualityEstimator estimator, Outcomes held, FitContext context) {
    var estimates = new ArrayList<Estimate>();
    for (int i = 0; i < held.size(); i++) {
      context.progress(i, held.size(), "measure: on what was held out");
      estimates.add(
          estimator.estimate(Query.logged(held.embeddings().row(i), held.features().row(i))));
    }
    return estimates;
  }
}
