package dev.tutti.registry.api;

import dev.tutti.cascade.v1.DeleteSolutionsResponse;
import dev.tutti.cascade.v1.ListSolutionsResponse;
import dev.tutti.cascade.v1.Solution;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.SolutionAdmin;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of what ensembles solved and show as examples; cascade-service keeps it. */
@Path("/api/v1/solutions/{ensemble}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "solutions", description = "Answers that ensembles show as examples, or wait for.")
public class SolutionResource {

  private static final String LIST = "solutions";

  private final SolutionAdmin solutions;

  SolutionResource(SolutionAdmin solutions) {
    this.solutions = solutions;
  }

  /** A solution; see solution.proto for what each field says. */
  @Schema(name = "Solution", description = "An answer that is kept.")
  public record Item(
      @Schema(description = "Its number.") long id,
      @Schema(description = "The question, as it was asked.") String question,
      @Schema(description = "The answer.") String answer,
      @Schema(description = "Who gave it.") String member,
      @Schema(description = "Of which it is the answer: who rates that rates this.")
          String decision,
      @Schema(
              enumeration = {"pending", "accepted", "rejected"},
              description = "Accepted ones are shown as examples with questions like theirs.")
          String state,
      @Schema(description = "When it was given.") Instant created,
      @Schema(description = "When it was last shown; when it was given, or accepted, before that.")
          Instant used) {

    private static Item of(Solution its) {
      return new Item(
          its.getId(),
          its.getQuestion(),
          its.getAnswer(),
          its.getMember(),
          its.getDecision(),
          its.getState().name().substring("SOLUTION_STATE_".length()).toLowerCase(Locale.ROOT),
          JobItem.time(its.getCreated()),
          JobItem.time(its.getUsed()));
    }
  }

  /** How many were deleted. */
  @Schema(name = "DeletedSolutions", description = "How many were deleted.")
  public record Deleted(
      @Schema(description = "Solutions.") int deleted,
      @Schema(description = "Observations of which its students had learned.") int forgotten) {}

  /** Lists them, the newest first. */
  @GET
  @Operation(
      operationId = "listSolutions",
      summary = "Lists what an ensemble solved, the newest first")
  @APIResponse(responseCode = "200", description = "A part of the list; none of an unknown name.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Item> list(
      @PathParam("ensemble") @Parameter(description = "Its own name.") String ensemble,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team) {
    String whose = Parameters.team(team);
    int size = Parameters.limit(limit);
    long before = Cursor.readNumber(LIST, cursor);
    ListSolutionsResponse found =
        solutions.solutions(
            whose, ensemble, size, before == Long.MAX_VALUE ? "" : Long.toString(before));
    return new Page<>(
        found.getSolutionsList().stream().map(Item::of).toList(),
        found.getNextPageToken().isEmpty() ? null : Cursor.after(LIST, found.getNextPageToken()));
  }

  /** Deletes all. */
  @DELETE
  @Operation(
      operationId = "deleteSolutions",
      summary = "Deletes all that an ensemble solved, and what its students learned from")
  @APIResponse(responseCode = "200", description = "How many there were.")
  @APIResponse(responseCode = "400", description = "A wrong team.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Deleted deleteAll(
      @PathParam("ensemble") @Parameter(description = "Its own name.") String ensemble,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    DeleteSolutionsResponse done =
        solutions.delete(Parameters.team(team), ensemble, Parameters.author(user));
    return new Deleted(done.getDeleted(), done.getForgotten());
  }

  /** Deletes one. */
  @DELETE
  @Path("/{id}")
  @Operation(operationId = "deleteSolution", summary = "Deletes one solution")
  @APIResponse(responseCode = "204", description = "It is deleted, and shown to nobody any more.")
  @APIResponse(responseCode = "400", description = "That is no number.")
  @APIResponse(responseCode = "404", description = "There is none of that number.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public void delete(
      @PathParam("ensemble") @Parameter(description = "Its own name.") String ensemble,
      @PathParam("id") @Parameter(description = "Its number.") String id,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    solutions.delete(Parameters.team(team), ensemble, number(id), Parameters.author(user));
  }

  private static long number(String id) {
    if (id.matches("[0-9]{1,18}")) {
      return Long.parseLong(id);
    }
    throw Refusal.malformed("id", "id is a number, as the list tells it.");
  }
}
