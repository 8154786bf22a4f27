package dev.tutti.learning.fit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.Artifact.Origin;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.SetResult;
import dev.tutti.learning.artifact.Artifacts;
import dev.tutti.numerics.measure.CostCurve;
import dev.tutti.registry.v1.Dataset;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What a fit was made of and what came of it, as it is kept: provenance and comparison in JSON.
 *
 * @param request what was asked for
 * @param dataset what was read
 * @param origin what embedded and computed
 * @param result what came of it
 * @param alone what the members are worth without it
 */
record FinishedFit(
    FitRequest request, Dataset dataset, Origin origin, Fitting.Result result, MembersAlone alone) {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().sortingMapKeys();

  /** A version of the artifact. */
  Artifacts.Fresh kept(int version) {
    var provenance =
        new Artifact.Provenance(
            result.data().fingerprint(),
            result.data().learned(),
            settings(),
            request.parameters().seed(),
            origin);
    return new Artifacts.Fresh(
        new Artifact(request.method().name(), version, result.parameters(), provenance),
        provenance(provenance).toString(),
        result.metrics().toString(),
        result.heldOut(),
        comparison().toString());
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
            .put("queries", its.queries())
            .put("held_out", result.data().heldOut())
            .put("holdout", request.parameters().holdout())
            .put("quality_drop", request.parameters().qualityDrop())
            .put("seed", its.seed())
            .put("fingerprint", its.dataFingerprint())
            .put("build", origin.build())
            .put("jdk", origin.jdk());
    if (!origin.embedder().isEmpty()) {
      json.putObject("embedder")
          .put("model", origin.embedder())
          .put("sha256", origin.embedderSha256());
    }
    json.putRawValue("settings", new RawValue(its.settings()));
    ArrayNode members = json.putArray("members");
    result.parameters().members().forEach(members::add);
    return json;
  }

  private ObjectNode comparison() {
    Fitting.Comparison its = result.comparison();
    ObjectNode json = JSON.objectNode();
    ObjectNode shares = json.putObject("member_shares");
    its.memberShares().forEach(shares::put);
    ArrayNode sets = json.putArray("sets");
    for (SetResult set : its.sets()) {
      sets.addObject()
          .put("set", set.set())
          .put("queries", set.queries())
          .put("quality", set.quality());
    }
    ArrayNode curve = json.putArray("curve");
    for (CostCurve.Point point : curve(its)) {
      curve.addObject().put("usd", point.usd()).put("quality", point.quality());
    }
    alone.tell(json);
    return json;
  }

  /** Whoever asks everybody is one point: what all cost together, and what that was worth. */
  private List<CostCurve.Point> curve(Fitting.Comparison its) {
    float[] quality = result.heldOut().quality();
    if (!its.asksAll() || !its.curve().isEmpty() || quality.length == 0) {
      return its.curve();
    }
    double mean =
        IntStream.range(0, quality.length).mapToDouble(i -> quality[i]).average().orElseThrow();
    OptionalDouble cost = alone.costOfAll();
    return cost.isPresent() ? List.of(new CostCurve.Point(cost.getAsDouble(), mean)) : List.of();
  }
}
