package dev.tutti.registry.api;

import com.google.protobuf.Timestamp;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.ContractJson;
import dev.tutti.registry.admin.DecisionAdmin;
import dev.tutti.router.v1.DecisionFailure;
import dev.tutti.router.v1.ListDecisionsRequest;
import dev.tutti.router.v1.ListDecisionsResponse;
import dev.tutti.router.v1.ListFeedbackRequest;
import dev.tutti.router.v1.ListFeedbackResponse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of decisions of all teams; router-service keeps them. */
@Path("/api/v1/decisions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "decisions", description = "Why requests were answered as they were, of all teams.")
public class DecisionResource {

  private static final String LIST = "decisions";
  private static final String FEEDBACK = "decision-feedback/";

  private final DecisionAdmin decisions;

  DecisionResource(DecisionAdmin decisions) {
    this.decisions = decisions;
  }

  /** Lists them, newest first. */
  @GET
  @Operation(operationId = "listDecisions", summary = "Lists decisions in brief, newest first")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit, cursor or filter.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<DecisionItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("ensemble")
          @Parameter(
              description =
                  "Only of this ensemble, or of this model when it was asked by itself; an alias will do.")
          String ensemble,
      @QueryParam("member") @Parameter(description = "Only those in which this member was called.")
          String member,
      @QueryParam("team")
          @Parameter(description = "Only what this team asked; none: what was asked without a key.")
          String team,
      @QueryParam("key") @Parameter(description = "Only what was asked with the key of this id.")
          String key,
      @QueryParam("failed")
          @Parameter(
              description =
                  "request: only those that got no whole answer; member: only those that got one though a call of a member failed.")
          String failed,
      @QueryParam("from") @Parameter(description = "The first moment that counts.") String from,
      @QueryParam("to") @Parameter(description = "The first that does not any more.") String to) {
    ListDecisionsRequest.Builder request =
        ListDecisionsRequest.newBuilder()
            .setEnsemble(Parameters.text("ensemble", ensemble))
            .setMember(Parameters.text("member", member))
            .setTeam(Parameters.text("team", team))
            .setKey(Parameters.text("key", key))
            .setFailed(
                Parameters.word("failed", failed, DecisionFailure.class)
                    .orElse(DecisionFailure.DECISION_FAILURE_UNSPECIFIED))
            .setPageSize(Parameters.limit(limit))
            .setPageToken(Cursor.read(LIST, cursor).orElse(""));
    Parameters.time("from", from).map(DecisionResource::timestamp).ifPresent(request::setFrom);
    Parameters.time("to", to).map(DecisionResource::timestamp).ifPresent(request::setTo);
    ListDecisionsResponse found = decisions.list(request.build());
    return new Page<>(
        found.getDecisionsList().stream().map(DecisionItem::of).toList(),
        next(LIST, found.getNextPageToken()));
  }

  /** Tells one. */
  @GET
  @Path("/{id}")
  @Operation(
      operationId = "getDecision",
      summary = "Tells why a request was answered as it was",
      description =
          "tutti.generation.v1.Decision as JSON, field names as in the contract; the same as /v1/decisions/{id} of router-service.")
  @APIResponse(
      responseCode = "200",
      description = "The decision.",
      content = @Content(schema = @Schema(implementation = Object.class)))
  @APIResponse(responseCode = "404", description = "There is no such decision.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public String get(
      @PathParam("id")
          @Parameter(
              description =
                  "The header x-tutti-decision-id of the answer; with .1 behind it the first decision within.")
          String id) {
    return json(decisions.decision(Parameters.text("id", id)));
  }

  /** A decision as this REST tells it. */
  public static String json(Decision decision) {
    return ContractJson.indented(decision);
  }

  /** Tells what was said about one. */
  @GET
  @Path("/{id}/feedback")
  @Operation(
      operationId = "listDecisionFeedback",
      summary = "Tells what was said about a decision, oldest first")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<FeedbackItem> feedback(
      @PathParam("id") String id,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor) {
    String decision = Parameters.text("id", id);
    ListFeedbackResponse found =
        decisions.feedback(
            ListFeedbackRequest.newBuilder()
                .setDecision(decision)
                .setPageSize(Parameters.limit(limit))
                .setPageToken(Cursor.read(FEEDBACK + decision, cursor).orElse(""))
                .build());
    return new Page<>(
        found.getFeedbackList().stream().map(FeedbackItem::of).toList(),
        next(FEEDBACK + decision, found.getNextPageToken()));
  }

  private static String next(String list, String token) {
    return token.isEmpty() ? null : Cursor.after(list, token);
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
