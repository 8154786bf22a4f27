package dev.tutti.registry.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Struct;
import dev.tutti.registry.Author;
import dev.tutti.registry.Contracts;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.JobOf;
import dev.tutti.registry.admin.LearningAdmin;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST that starts fits and evaluations, which are jobs from there on. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "learning", description = "Learning from recorded outcomes, and what it made.")
public class FitResource {

  private static final String CHECKED = "It would be begun; with `validate_only` alone.";

  /** Beyond it a number of JSON would have to be rounded. */
  private static final long LARGEST_SEED = 1L << 53;

  private final LearningAdmin learning;
  private final ObjectMapper json;

  FitResource(LearningAdmin learning, ObjectMapper json) {
    this.learning = learning;
    this.json = json;
  }

  /** Starts a fit. */
  @POST
  @Path("/fits")
  @Operation(
      operationId = "startFit",
      summary = "Learns a method's parameters from a dataset",
      description =
          "In the service that has the method. What comes of it is a new version of the artifact, which answers once it is"
              + " activated.")
  @APIResponse(
      responseCode = "202",
      description = "It was begun; the job that it is.",
      headers = @Header(name = "Location", description = "The job's path."),
      content = @Content(schema = @Schema(implementation = JobItem.class)))
  @APIResponse(responseCode = "204", description = CHECKED)
  @APIResponse(
      responseCode = "400",
      description =
          "An unknown field, a wrong type, or what the service refuses: `errors` say why.")
  @APIResponse(responseCode = "409", description = "The key is another fit's.")
  @APIResponse(responseCode = "422", description = "There is no such method.")
  @APIResponse(responseCode = "501", description = ApiDoc.NOT_OFFERED)
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response fit(
      FitOrder order,
      @QueryParam("validate_only") @Parameter(description = "true: checks it, and begins nothing.")
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user,
      @HeaderParam("Idempotency-Key") @Parameter(description = ApiDoc.KEY) String idempotencyKey,
      @Context RoutingContext http) {
    boolean checks = Parameters.validateOnly(validateOnly);
    String key = Parameters.key(idempotencyKey);
    Author author = Parameters.author(user);
    requireBody(order);
    var required = new LinkedHashMap<String, Object>();
    required.put("artifact", order.artifact());
    required.put("method", order.method());
    required.put("dataset", order.dataset());
    require(required);
    if (order.seed() != null && order.seed() > LARGEST_SEED) {
      throw Refusal.malformed(
          "seed", "seed is %d; 0 to %d are allowed.".formatted(order.seed(), LARGEST_SEED));
    }
    try (var _ = new ClientCall(http)) {
      if (checks) {
        learning.checkFit(order.method(), struct(order));
        return Response.noContent().build();
      }
      return accepted(learning.fit(order.method(), order.artifact(), struct(order), key, author));
    }
  }

  /** Starts an evaluation. */
  @POST
  @Path("/evaluations")
  @Operation(
      operationId = "startEvaluation",
      summary = "Tells what another policy would have earned on an ensemble's rated decisions",
      description = "In router-service, which keeps them.")
  @APIResponse(
      responseCode = "202",
      description = "It was begun; the job that it is.",
      headers = @Header(name = "Location", description = "The job's path."),
      content = @Content(schema = @Schema(implementation = JobItem.class)))
  @APIResponse(responseCode = "204", description = CHECKED)
  @APIResponse(
      responseCode = "400",
      description =
          "An unknown field, a wrong type, or what the service refuses: `errors` say why.")
  @APIResponse(responseCode = "404", description = "There is no such artifact.")
  @APIResponse(responseCode = "409", description = "The key is another evaluation's.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response evaluate(
      EvaluationOrder order,
      @QueryParam("validate_only") @Parameter(description = "true: checks it, and begins nothing.")
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user,
      @HeaderParam("Idempotency-Key") @Parameter(description = ApiDoc.KEY) String idempotencyKey,
      @Context RoutingContext http) {
    boolean checks = Parameters.validateOnly(validateOnly);
    String key = Parameters.key(idempotencyKey);
    Author author = Parameters.author(user);
    requireBody(order);
    var required = new LinkedHashMap<String, Object>();
    required.put("ensemble", order.ensemble());
    required.put("policy", order.policy());
    require(required);
    try (var _ = new ClientCall(http)) {
      if (checks) {
        learning.checkEvaluation(struct(order));
        return Response.noContent().build();
      }
      return accepted(learning.evaluate(order.ensemble(), struct(order), key, author));
    }
  }

  private static Response accepted(JobOf job) {
    return Response.accepted(JobItem.of(job))
        .location(URI.create("/api/v1/jobs/%s/%s".formatted(job.service(), job.job().getId())))
        .build();
  }

  private static void requireBody(Object order) {
    if (order == null) {
      throw Refusal.malformed("body", "The body must be one JSON object.");
    }
  }

  private static void require(Map<String, Object> fields) {
    List<FieldError> missing =
        fields.entrySet().stream()
            .filter(field -> field.getValue() == null)
            .map(field -> new FieldError(field.getKey(), field.getKey() + " is required."))
            .toList();
    if (!missing.isEmpty()) {
      throw new Refusal.Malformed(missing).exception();
    }
  }

  private Struct struct(Object order) {
    return Contracts.struct("body", json.valueToTree(order));
  }
}
