package dev.tutti.router.learning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.router.evaluation.Measured;
import dev.tutti.router.method.selection.Calibration;

/** What a fit measured, as it is told. */
final class MetricsJson {

  private MetricsJson() {}

  static ObjectNode of(Measured its, Calibration calibration) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("queries", its.queries())
            .put("quality", its.choice())
            .put("best_member", its.bestMember())
            .put("best_member_quality", its.best())
            .put("oracle_quality", its.oracle())
            .put("random_quality", its.random());
    ObjectNode thresholds = json.putObject("calibrated");
    calibration.alpha().ifPresent(alpha -> thresholds.put("alpha", alpha));
    calibration.theta().ifPresent(theta -> thresholds.put("theta", theta));
    its.pair()
        .ifPresent(
            pair ->
                json.putObject("pair")
                    .put("strong", pair.strong())
                    .put("weak", pair.weak())
                    .put("apgr", pair.apgr())
                    .put("cpt50", pair.cpt50())
                    .put("cpt80", pair.cpt80()));
    its.cost()
        .ifPresent(
            cost ->
                json.putObject("cost")
                    .put("aiq", cost.aiq())
                    .put("aiq_of_members", cost.aiqOfMembers())
                    .put("from_usd", cost.fromUsd())
                    .put("to_usd", cost.toUsd()));
    return json;
  }
}
