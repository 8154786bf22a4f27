package dev.tutti.router.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.ContractJson;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Answers;
import dev.tutti.router.answer.Batches;
import dev.tutti.router.database.Instants;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.DecisionPages;
import dev.tutti.router.decision.Failed;
import dev.tutti.router.feedback.Decisions;
import dev.tutti.router.v1.RouteBatchRequest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decisions: without an answer, and after one. Their form is the contract's, in snake_case. */
@Path("/v1")
@RunOnVirtualThread
public class DecisionResource {

  private static final int USUAL = 50;
  private static final int MOST = 200;

  private final Answers answers;
  private final DecisionLog decisions;
  private final Bodies bodies;
  private final Batches batches;
  private final DecisionPages pages;

  DecisionResource(
      Answers answers, Batches batches, DecisionLog decisions, DecisionPages pages, Bodies bodies) {
    this.pages = pages;
    this.answers = answers;
    this.batches = batches;
    this.decisions = decisions;
    this.bodies = bodies;
  }

  /** Whom a routing ensemble would ask; nobody is asked. */
  @Needs
  @POST
  @Path("route")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response route(InputStream body, @Context RoutingContext http) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    String model = fields.requiredText("model");
    answers.require(model);
    List<Message> messages = ChatMessages.read(fields);
    Sampling.Builder sampling = Sampling.newBuilder();
    fields.wholeNumber("seed").ifPresent(sampling::setSeed);
    fields.refuseOthers(Map.of());
    String id = DecisionHeaders.identify(http);
    return json(answers.route(id, model, messages, sampling.build()));
  }

  /** Whom to ask for each query of a batch, for so much money; nobody is asked. */
  @Needs
  @POST
  @Path("route/batch")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response routeBatch(InputStream body) {
    JsonFields fields = JsonFields.parse(bodies.read(body));
    RouteBatchRequest.Builder request =
        RouteBatchRequest.newBuilder().setName(fields.requiredText("model"));
    answers.require(request.getName());
    fields.required("usd");
    request.setUsd(fields.number("usd").orElse(0));
    JsonNode queries = fields.required("queries");
    if (!queries.isArray()) {
      throw JsonFields.wrongType("queries", "an array", queries);
    }
    fields.refuseOthers(Map.of());
    for (int i = 0; i < queries.size(); i++) {
      JsonFields query = JsonFields.of(queries.get(i), "queries[%d]".formatted(i));
      request.addQueriesBuilder().addAllMessages(ChatMessages.read(query));
      query.refuseOthers(Map.of());
    }
    return json(batches.route(request.build()));
  }

  /**
   * A decision in a list; all of it is at {@code url}.
   *
   * @param cost_usd as text: a JSON number is read as a double
   * @param failed what did; null where nothing did
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Brief(
      String object,
      String id,
      String url,
      Instant time,
      String ensemble,
      long ensemble_version,
      String method,
      List<String> members,
      String team,
      String key,
      long prompt_tokens,
      long completion_tokens,
      String cost_usd,
      boolean estimated,
      String failed) {

    static Brief of(DecisionPages.Brief its) {
      return new Brief(
          "decision",
          its.id(),
          UriBuilder.fromPath("/v1/decisions/{id}").build(its.id()).toString(),
          its.time(),
          its.ensemble(),
          its.ensembleVersion(),
          its.method(),
          its.members(),
          its.team(),
          its.key(),
          its.promptTokens(),
          its.completionTokens(),
          its.usd().toPlainString(),
          its.estimated(),
          its.failed().map(Failed::word).orElse(null));
    }
  }

  /** Several; {@code next} leads to the next page, and is absent on the last. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Several(String object, List<?> data, String next) {}

  /** Decisions as they are kept, newest first. */
  @Needs
  @GET
  @Path("decisions")
  @Produces(MediaType.APPLICATION_JSON)
  public Several list(
      @QueryParam("ensemble") String ensemble,
      @QueryParam("member") String member,
      @QueryParam("team") String team,
      @QueryParam("key") String key,
      @QueryParam("failed") String failed,
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("limit") String limit,
      @QueryParam("after") String after,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(
        uri, "ensemble", "member", "team", "key", "failed", "from", "to", "limit", "after");
    var filter =
        new DecisionPages.Filter(
            QueryParameters.text("ensemble", ensemble),
            QueryParameters.text("member", member),
            QueryParameters.text("team", team),
            QueryParameters.text("key", key),
            failed(failed),
            from == null ? Instants.FIRST : QueryParameters.instant("from", from),
            to == null ? Instants.END : QueryParameters.instant("to", to));
    int size = limit == null ? USUAL : QueryParameters.number("limit", limit);
    if (size > MOST) {
      throw Failure.invalid("limit", "limit is %d; it takes 1 to %d.".formatted(size, MOST));
    }
    DecisionPages.Page page = pages.read(filter, size, place(after));
    return new Several(
        "list",
        page.decisions().stream().map(Brief::of).toList(),
        page.next().map(DecisionPages.Place::token).orElse(null));
  }

  private static Optional<Failed> failed(String word) {
    if (word == null) {
      return Optional.empty();
    }
    return Optional.of(
        Failed.of(word)
            .orElseThrow(
                () ->
                    Failure.invalid(
                        "failed",
                        "failed is '%s'; it must be request or member."
                            .formatted(QueryParameters.cut(word)))));
  }

  private static Optional<DecisionPages.Place> place(String after) {
    if (after == null) {
      return Optional.empty();
    }
    Optional<DecisionPages.Place> place = DecisionPages.Place.of(after);
    if (place.isEmpty()) {
      throw Failure.invalid("after", "after is no page; `next` of the page before names it.");
    }
    return place;
  }

  /** Why a request was answered as it was. */
  @Needs
  @GET
  @Path("decisions/{id}")
  public Response find(@PathParam("id") String id) {
    return json(
        decisions
            .find(id)
            .map(Decisions.Decided::decision)
            .orElseThrow(
                () ->
                    new Failure.NotFound("id", "DECISION_NOT_FOUND", "There is no such decision.")
                        .exception()));
  }

  private static Response json(com.google.protobuf.Message message) {
    return Response.ok(ContractJson.compact(message), MediaType.APPLICATION_JSON_TYPE).build();
  }
}
