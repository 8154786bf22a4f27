package dev.tutti.router.learning;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.router.artifact.Artifacts;
import dev.tutti.router.evaluation.Measured;
import dev.tutti.router.fit.Artifact;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.fit.Parameters;
import dev.tutti.router.method.selection.Calibration;

/**
 * What a fit was made of and what came of it, as it is told: provenance and metrics in JSON.
 *
 * @param request what was asked for
 * @param dataset what was read
 * @param learned from
 * @param held out
 * @param measured what its choices are worth
 * @param calibration thresholds, found on what was held out
 */
record FinishedFit(
    FitRequest request,
    Dataset dataset,
    Outcomes learned,
    Outcomes held,
    Measured.Result measured,
    Calibration calibration) {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().sortingMapKeys();

  /** A version of the artifact. */
  Artifacts.Fresh kept(int version, Parameters parameters) {
    var provenance = Artifact.Provenance.of(learned, settings(), request.parameters().seed());
    var artifact =
        new Artifact(request.method().name(), version, calibration.in(parameters), provenance);
    return new Artifacts.Fresh(
        artifact, provenance(provenance).toString(), metrics().toString(), measured.heldOut());
  }

  private String settings() {
    try {
      return PRINTER.print(request.settings());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("Settings that cannot be written as JSON", e);
    }
  }

  private ObjectNode provenance(Artifact.Provenance its) {
    ObjectNode json =
        JSON.objectNode()
            .put("dataset", dataset.getName())
            .put("revision", dataset.getRevision())
            .put("dataset_fingerprint", dataset.getFingerprint())
            .put("split", request.parameters().split())
            .put("queries", learned.size())
            .put("held_out", held.size())
            .put("holdout", request.parameters().holdout())
            .put("quality_drop", request.parameters().qualityDrop())
            .put("seed", its.seed())
            .put("fingerprint", its.dataFingerprint());
    json.putRawValue("settings", new RawValue(its.settings()));
    ArrayNode members = json.putArray("members");
    learned.members().forEach(members::add);
    return json;
  }

  private ObjectNode metrics() {
    Measured its = measured.measured();
    ObjectNode json =
        JSON.objectNode()
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
