package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.admin.TeamDataAdmin;
import dev.tutti.registry.key.Team;
import dev.tutti.registry.key.TeamStore;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of teams. */
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/api/v1/teams")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "teams", description = "Who shares keys, decisions and spend.")
public class TeamResource {

  private static final String LIST = "teams";

  private static final int LONGEST_USER = 1_024;

  private final TeamStore teams;
  private final TeamDataAdmin data;

  TeamResource(TeamStore teams, TeamDataAdmin data) {
    this.teams = teams;
    this.data = data;
  }

  /** How much was deleted. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "DeletedTeamData", description = "How much was deleted.")
  public record Deleted(
      @Schema(
              description =
                  "By what it was: decisions, feedback, cached_answers, solutions, observations.",
              examples = "{\"decisions\": 12, \"feedback\": 3}")
          Map<String, Long> deleted) {}

  /** What of a team can be changed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "TeamChange", description = "What of a team can be changed.")
  public record Change(
      @Schema(maxLength = 2000, description = "For people; none where it is absent.")
          String description) {}

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listTeams", summary = "Lists teams by name")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Team> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor)
      throws SQLException {
    int size = Parameters.limit(limit);
    String after = Cursor.read(LIST, cursor).orElse("");
    return Page.of(teams.list(after, size + 1), size, LIST, Team::name);
  }

  /** Makes one. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(operationId = "createTeam", summary = "Makes a team")
  @APIResponse(responseCode = "201", description = "The team.")
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(
      responseCode = "409",
      description = "There is a team of this name, or was one that had keys.")
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      Team team, @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Team made = teams.create(body(team), author);
    return Response.created(URI.create("/api/v1/teams/" + made.name())).entity(made).build();
  }

  /** Tells one. */
  @GET
  @Path("/{name}")
  @Operation(operationId = "getTeam", summary = "Tells a team")
  @APIResponse(responseCode = "200", description = "The team.")
  @APIResponse(responseCode = "404", description = "There is no such team.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Team get(@PathParam("name") String name) throws SQLException {
    return teams.find(name);
  }

  /** Describes one otherwise. */
  @PATCH
  @Path("/{name}")
  @Consumes({MediaType.APPLICATION_JSON, "application/merge-patch+json"})
  @Operation(operationId = "changeTeam", summary = "Describes a team otherwise")
  @APIResponse(responseCode = "200", description = "The team as it is now.")
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "404", description = "There is no such team.")
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Team change(
      @PathParam("name") String name,
      Change change,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    return teams.describe(name, body(change).description(), author);
  }

  /** Throws one away. */
  @DELETE
  @Path("/{name}")
  @Operation(
      operationId = "deleteTeam",
      summary = "Throws a team away",
      description =
          "Once all of its keys are revoked; what is kept of its requests goes with it. What it spent, and the audit log, stay.")
  @APIResponse(responseCode = "204", description = "It is gone.")
  @APIResponse(responseCode = "404", description = "There is no such team.")
  @APIResponse(responseCode = "409", description = "It has keys.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response delete(
      @PathParam("name") String name,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    teams.requireDeletable(name);
    data.delete(name, "", author);
    teams.delete(name, author);
    return Response.noContent().build();
  }

  /** Deletes what is kept of its requests. */
  @DELETE
  @Path("/{name}/data")
  @Operation(
      operationId = "deleteTeamData",
      summary = "Deletes what is kept of a team's requests",
      description =
          "Decisions, feedback, answers in caches, solutions and what students learned from; of one user, the decisions that were made for it, feedback on"
              + " them, their solutions and every cache of the team that has an answer to one of them. What it spent stays. Team none is what was asked without a key; a team that is gone may be named too, for what was still being answered then.")
  @APIResponse(responseCode = "200", description = "How much that was.")
  @APIResponse(responseCode = "400", description = "A wrong user.")
  @APIResponse(responseCode = "404", description = "There is no such team.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Deleted deleteData(
      @PathParam("name") String name,
      @QueryParam("user")
          @Parameter(description = "Only what was asked with this as the field user.")
          String of,
      @Context UriInfo uri,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    return deleteDataOf(name, user(of, uri), user);
  }

  /**
   * The same.
   *
   * @param of only what was asked for this user; empty for all
   */
  public Deleted deleteDataOf(String name, String of, String user) throws SQLException {
    Author author = Parameters.author(user);
    if (!name.equals(Team.NOBODY)) {
      teams.requireKnown(name);
    }
    return new Deleted(data.delete(name, of, author));
  }

  /** A parameter that is there and empty is not taken for all users. */
  private static String user(String of, UriInfo uri) {
    if (of == null && !uri.getQueryParameters().containsKey("user")) {
      return "";
    }
    if (of == null || of.isEmpty() || of.length() > LONGEST_USER) {
      throw Refusal.malformed("user", "user takes 1 to %d characters.".formatted(LONGEST_USER));
    }
    return of;
  }

  /** A body that must be there. */
  static <T> T body(T body) {
    if (body == null) {
      throw Refusal.malformed("body", "The body must be one JSON object.");
    }
    return body;
  }
}
