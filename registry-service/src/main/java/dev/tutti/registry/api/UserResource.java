package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.signin.User;
import dev.tutti.registry.signin.Users;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
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
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of those who sign in with a password. */
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/api/v1/users")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "users", description = "Who signs in to the console and this REST with a password.")
public class UserResource {

  private static final String LIST = "users";

  private final Users users;

  UserResource(Users users) {
    this.users = users;
  }

  /** A user, as told. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "User", description = "Somebody who signs in with a password.")
  public record Item(
      @Schema(description = "Name, for ever.") String name,
      @Schema(
              enumeration = {"viewer", "operator", "administrator"},
              description = "What they may do.")
          String role,
      @Schema(description = "Whether their password is a one-time password.") boolean mustChange,
      @Schema(
              description =
                  "Until when a one-time password lets them in; absent for without an end.")
          Instant oneTimeUntil,
      @Schema(description = "Whether they may not sign in.") boolean disabled,
      @Schema(description = "When they were made.") Instant createdAt,
      @Schema(description = "When they signed in last; absent for never.") Instant signedInAt) {

    /** A user. */
    public static Item of(User user) {
      return new Item(
          user.name(),
          user.role().word(),
          user.mustChange(),
          user.oneTimeUntil(),
          user.disabled(),
          user.createdAt(),
          user.signedInAt());
    }
  }

  /** Who is to be made. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "UserOrder", description = "Who is to be made.")
  public record Order(
      @Schema(description = User.RULE + ".") String name,
      @Schema(
              enumeration = {"viewer", "operator", "administrator"},
              description = "What they may do.")
          String role) {}

  /** What of a user can be changed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "UserChange", description = "What of a user can be changed.")
  public record Change(
      @Schema(
              enumeration = {"viewer", "operator", "administrator"},
              description = "What they may do; as it is where it is absent.")
          String role,
      @Schema(description = "Whether they may not sign in; as it is where it is absent.")
          Boolean disabled) {}

  /** A one-time password, which is told this once. */
  @Schema(name = "OneTimePassword", description = "A one-time password, which is told this once.")
  public record Made(
      @Schema(description = "Whose.") String name,
      @Schema(description = "To be changed at the first sign-in, and before anything else.")
          String password,
      @Schema(description = "Until when it lets them in.") Instant until) {

    private static Response of(Response.ResponseBuilder response, Users.Made made) {
      return response
          .entity(new Made(made.user().name(), made.password(), made.user().oneTimeUntil()))
          .header(HttpHeaders.CACHE_CONTROL, "no-store")
          .build();
    }
  }

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listUsers", summary = "Lists users by name")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Item> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor)
      throws SQLException {
    int size = Parameters.limit(limit);
    String after = Cursor.read(LIST, cursor).orElse("");
    List<User> found = users.list(after, size + 1);
    return Page.of(found.stream().map(Item::of).toList(), size, LIST, Item::name);
  }

  /** Makes one. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createUser",
      summary = "Makes a user",
      description = "The answer tells a one-time password, this once.")
  @APIResponse(
      responseCode = "201",
      description = "The one-time password.",
      content = @Content(schema = @Schema(implementation = Made.class)))
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "409", description = "There is a user of this name.")
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      Order order, @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Order its = TeamResource.body(order);
    Users.Made made = users.create(its.name(), its.role(), author);
    return Made.of(Response.created(URI.create("/api/v1/users/" + made.user().name())), made);
  }

  /** Tells one. */
  @GET
  @Path("/{name}")
  @Operation(operationId = "getUser", summary = "Tells a user")
  @APIResponse(responseCode = "200", description = "The user.")
  @APIResponse(responseCode = "404", description = "There is no such user.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item get(@PathParam("name") String name) throws SQLException {
    return Item.of(users.find(name));
  }

  /** Changes what one may do. */
  @PATCH
  @Path("/{name}")
  @Consumes({MediaType.APPLICATION_JSON, "application/merge-patch+json"})
  @Operation(
      operationId = "changeUser",
      summary = "Changes what a user may do",
      description = "Their sessions end. The last administrator stays one.")
  @APIResponse(responseCode = "200", description = "The user as it is now.")
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "404", description = "There is no such user.")
  @APIResponse(responseCode = "409", description = "It is the last administrator.")
  @APIResponse(responseCode = "422", description = "What cannot be; every field is named.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item change(
      @PathParam("name") String name,
      Change change,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Change its = TeamResource.body(change);
    if (its.role() == null && its.disabled() == null) {
      throw Refusal.malformed("body", "The body says nothing; it takes role and disabled.");
    }
    return Item.of(users.change(name, its.role(), its.disabled(), author));
  }

  /** Gives one a one-time password. */
  @POST
  @Path("/{name}/reset")
  @Operation(
      operationId = "resetUser",
      summary = "Gives a user a one-time password",
      description = "Told this once. Their sessions end, and tries that failed are forgotten.")
  @APIResponse(
      responseCode = "200",
      description = "The one-time password.",
      content = @Content(schema = @Schema(implementation = Made.class)))
  @APIResponse(responseCode = "404", description = "There is no such user.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response reset(
      @PathParam("name") String name,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    return Made.of(Response.ok(), users.reset(name, Parameters.author(user)));
  }
}
