package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.kit.connection.KeyRing;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.key.KeySettings;
import dev.tutti.registry.key.Keys;
import dev.tutti.registry.key.StoredKey;
import dev.tutti.registry.key.Team;
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
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of keys. */
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/api/v1/keys")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "keys", description = "What opens the front door and this REST.")
public class KeyResource {

  private static final Duration USUAL_OVERLAP = Duration.ofDays(1);

  private final Keys keys;

  KeyResource(Keys keys) {
    this.keys = keys;
  }

  /** A key that was just made, or rotated. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "MadeKey", description = "A key that was just made, or rotated.")
  public record Made(
      @Schema(description = "Its id, which stays.") String id,
      @Schema(description = "How its text begins.") String prefix,
      @Schema(description = "The key. It is told this once, and nowhere kept.") String key,
      @Schema(description = "Until when the text before opens too; absent for a new key.")
          Instant previousUntil) {

    private static Response of(Response.ResponseBuilder response, Keys.Made made) {
      StoredKey its = made.key();
      return response
          .entity(new Made(its.id(), its.prefix(), made.text(), its.previousUntil()))
          .header(HttpHeaders.CACHE_CONTROL, "no-store")
          .build();
    }
  }

  /** How a key is rotated. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "KeyRotation", description = "How a key is rotated.")
  public record Rotation(
      @Schema(
              minimum = "0",
              maximum = "2592000",
              description =
                  "Seconds for which the text before opens too; a day's where it is absent.")
          Long overlapSeconds) {}

  /** Lists them, newest first. */
  @GET
  @Operation(
      operationId = "listKeys",
      summary = "Lists keys, newest first",
      description = "Without what opens. Those that are revoked are told too.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<KeyItem> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("team") @Parameter(description = "Only keys of this team.") String team,
      @QueryParam("text")
          @Parameter(
              description =
                  "Only those with this in their name, of this id, or whose text begins with it: its first 11 characters, never all of a key.")
          String text)
      throws SQLException {
    int size = Parameters.limit(limit);
    if (team != null && !Team.isName(team)) {
      throw Refusal.malformed("team", "team is no name of a team.");
    }
    if (text != null && KeyRing.isKey(text)) {
      throw Refusal.malformed("text", "text is a whole key: it takes 11 characters of one.");
    }
    Parameters.text("text", text);
    String list = team == null ? "keys" : "keys/" + team;
    long below = Cursor.readNumber(list, cursor);
    List<StoredKey> found =
        keys.list(team == null ? "" : team, text == null ? "" : text, below, size + 1);
    Page<StoredKey> page = Page.of(found, size, list, StoredKey::number);
    return new Page<>(page.items().stream().map(KeyItem::of).toList(), page.nextCursor());
  }

  /** Makes one. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createKey",
      summary = "Makes a key",
      description = "The answer tells it, this once: only its SHA-256 is kept.")
  @APIResponse(
      responseCode = "201",
      description = "The key.",
      content = @Content(schema = @Schema(implementation = Made.class)))
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      KeySettings settings,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Keys.Made made = keys.create(TeamResource.body(settings), author);
    return Made.of(Response.created(URI.create("/api/v1/keys/" + made.key().id())), made);
  }

  /** Tells one. */
  @GET
  @Path("/{id}")
  @Operation(operationId = "getKey", summary = "Tells a key, without what opens")
  @APIResponse(responseCode = "200", description = "The key.")
  @APIResponse(responseCode = "404", description = "There is no such key.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public KeyItem get(@PathParam("id") String id) throws SQLException {
    return KeyItem.of(keys.find(id));
  }

  /** Changes what one is for. */
  @PATCH
  @Path("/{id}")
  @Consumes({MediaType.APPLICATION_JSON, "application/merge-patch+json"})
  @Operation(
      operationId = "changeKey",
      summary = "Changes what a key is for",
      description =
          "By RFC 7396: what is absent stays, null takes a limit away. Every replica knows within two seconds.")
  @RequestBody(content = @Content(schema = @Schema(implementation = KeySettings.class)))
  @APIResponse(responseCode = "200", description = "The key as it is now.")
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "404", description = "There is no such key.")
  @APIResponse(responseCode = "409", description = "It is revoked.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public KeyItem change(
      @PathParam("id") String id,
      ObjectNode patch,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException, JsonProcessingException {
    Author author = Parameters.author(user);
    return KeyItem.of(keys.change(id, TeamResource.body(patch), author));
  }

  /** Gives one another text. */
  @POST
  @Path("/{id}/rotate")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "rotateKey",
      summary = "Gives a key another text",
      description =
          "Both open for a while. What the key is, and what it has used of its limits, stays; the text before an"
              + " earlier rotation opens no more.")
  @APIResponse(
      responseCode = "200",
      description = "The key.",
      content = @Content(schema = @Schema(implementation = Made.class)))
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "404", description = "There is no such key.")
  @APIResponse(responseCode = "409", description = "It is revoked.")
  @APIResponse(responseCode = "422", description = "overlap_seconds cannot be.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response rotate(
      @PathParam("id") String id,
      Rotation rotation,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Long seconds = TeamResource.body(rotation).overlapSeconds();
    long most = Keys.LONGEST_OVERLAP.toSeconds();
    if (seconds != null && (seconds < 0 || seconds > most)) {
      throw Refusal.invalid(
          "overlap_seconds", "overlap_seconds is %d; it must be 0 to %d.".formatted(seconds, most));
    }
    Duration overlap = seconds == null ? USUAL_OVERLAP : Duration.ofSeconds(seconds);
    return Made.of(Response.ok(), keys.rotate(id, overlap, author));
  }

  /** Revokes one. */
  @DELETE
  @Path("/{id}")
  @Operation(
      operationId = "revokeKey",
      summary = "Revokes a key, for ever",
      description = "Every replica refuses it within two seconds. It stays in the list.")
  @APIResponse(responseCode = "204", description = "It is revoked.")
  @APIResponse(responseCode = "404", description = "There is no such key.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response revoke(
      @PathParam("id") String id,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    keys.revoke(id, Parameters.author(user));
    return Response.noContent().build();
  }
}
