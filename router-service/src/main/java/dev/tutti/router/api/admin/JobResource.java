package dev.tutti.router.api.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.job.Jobs;
import dev.tutti.learning.fit.FitJob;
import dev.tutti.router.api.openai.ApiException;
import dev.tutti.router.api.openai.Bodies;
import dev.tutti.router.api.openai.JsonFields;
import dev.tutti.router.api.openai.QueryParameters;
import dev.tutti.router.api.openai.RestCall;
import dev.tutti.router.learning.EvaluationJob;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** Fits, evaluations, and the jobs that they are. Ours. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class JobResource {

  private final Jobs jobs;
  private final Bodies bodies;

  JobResource(Jobs jobs, Bodies bodies) {
    this.jobs = jobs;
    this.bodies = bodies;
  }

  /** A page; the token gives the next one and is null at the end. */
  public record Listing(String object, List<?> data, String next_page_token) {}

  /** Starts a fit. */
  @POST
  @Path("fits")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response fit(
      InputStream body, @HeaderParam(Caller.HEADER) String user, @Context RoutingContext http) {
    return started(
        FitJob.KIND,
        user,
        http,
        parameters(
            body,
            List.of("artifact", "method", "dataset"),
            List.of(
                "split", "members", "holdout", "quality_drop", "settings", "seed", "budget_usd")));
  }

  /** Starts the evaluation of a policy on what an ensemble has decided. */
  @POST
  @Path("evaluations")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response evaluate(
      InputStream body, @HeaderParam(Caller.HEADER) String user, @Context RoutingContext http) {
    return started(
        EvaluationJob.KIND,
        user,
        http,
        parameters(body, List.of("ensemble", "policy"), List.of("from", "to", "usd_weight")));
  }

  /** What is looked at before ends once the client has left. */
  private Response started(String kind, String user, RoutingContext http, Struct parameters) {
    Job job;
    try (RestCall _ = RestCall.open(http)) {
      job =
          jobs.start(
              StartRequest.newBuilder()
                  .setKind(kind)
                  .setAuthor(Caller.author(user))
                  .setParameters(parameters)
                  .build());
    }
    return Response.accepted(JobJson.of(job))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .location(URI.create("/v1/jobs/" + job.getId()))
        .build();
  }

  /** Jobs, newest first. */
  @GET
  @Path("jobs")
  public Listing list(
      @QueryParam("kind") String kind,
      @QueryParam("state") String state,
      @QueryParam("page_size") String size,
      @QueryParam("page_token") String token,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(uri, "kind", "state", "page_size", "page_token");
    ListRequest.Builder request =
        ListRequest.newBuilder()
            .setKind(kind == null ? "" : kind)
            .setPageToken(token == null ? "" : token);
    if (state != null) {
      request.setState(state(state));
    }
    if (size != null) {
      request.setPageSize(QueryParameters.number("page_size", size));
    }
    ListResponse page = jobs.list(request.build());
    return new Listing(
        "list",
        page.getJobsList().stream().map(JobJson::of).toList(),
        page.getNextPageToken().isEmpty() ? null : page.getNextPageToken());
  }

  /** One job. */
  @GET
  @Path("jobs/{id}")
  public Object find(@PathParam("id") String id) {
    return JobJson.of(jobs.get(id));
  }

  /** Asks a job to stop. */
  @POST
  @Path("jobs/{id}/cancel")
  public Object cancel(@PathParam("id") String id) {
    return JobJson.of(jobs.cancel(id));
  }

  private Struct parameters(InputStream body, List<String> required, List<String> optional) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    Struct.Builder parameters = Struct.newBuilder();
    for (String name : required) {
      parameters.putFields(name, value(fields.required(name)));
    }
    for (String name : optional) {
      fields.node(name).ifPresent(node -> parameters.putFields(name, value(node)));
    }
    fields.refuseOthers(Map.of());
    return parameters.build();
  }

  private static Value value(JsonNode node) {
    try {
      Value.Builder value = Value.newBuilder();
      JsonFormat.parser().merge(node.toString(), value);
      return value.build();
    } catch (InvalidProtocolBufferException e) {
      throw ApiException.invalid("invalid_json", null, "The body holds what no parameter takes.");
    }
  }

  private static JobState state(String text) {
    return JobJson.state(text)
        .orElseThrow(
            () ->
                ApiException.invalid(
                    "invalid_value",
                    "state",
                    "state is '%s'; allowed are %s."
                        .formatted(
                            QueryParameters.cut(text), String.join(", ", JobJson.states()))));
  }
}
