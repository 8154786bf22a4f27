package dev.tutti.registry.console;

import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.UserResource;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.signin.User;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The pages of those who sign in with a password. */
@Browsed
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/console/users")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class UserPages {

  private static final String PAGES = "/console/users";
  private static final String REST = "/api/v1/users";
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "role",
          "disabled",
          "must_change",
          "one_time_until",
          "created_at",
          "signed_in_at");
  private static final List<String> ROLES = Stream.of(Role.values()).map(Role::word).toList();

  private final UserResource users;
  private final Visit visit;

  UserPages(UserResource users, Visit visit) {
    this.users = users;
    this.visit = visit;
  }

  /** Lists them, with the form that makes one. */
  @GET
  public Response list(@QueryParam("cursor") String cursor) throws SQLException {
    return list(cursor, null, null);
  }

  private Response list(String cursor, Problem problem, Form typed) throws SQLException {
    Page<UserResource.Item> page = users.list("50", Asked.given(cursor));
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("cursor", Asked.given(cursor));
    List<Field> fields =
        new Fields(name -> typed == null ? "" : typed.typed(name), problem)
            .required("name", "Name", Field.Input.TEXT, User.RULE + ".")
            .choice(
                "role",
                "Role",
                Field.Input.CHOICE,
                ROLES,
                "A viewer reads; an operator changes models, ensembles, datasets, fits and jobs; an administrator makes teams, keys and users too.")
            .all();
    Frame frame =
        visit.frame(
            Section.USERS,
            "Users",
            Curl.get("This list", visit.base(), REST, parameters),
            Curl.change(
                "Make one",
                visit.base(),
                "POST",
                REST,
                null,
                "{\"name\": \"ada\", \"role\": \"viewer\"}"));
    String next =
        page.nextCursor() == null ? null : PAGES + Curl.query(Map.of("cursor", page.nextCursor()));
    return Html.of(problem, Templates.users(frame, page.items(), next, problem, fields));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv() {
    return Csv.<UserResource.Item>of(
        "users",
        COLUMNS,
        cursor -> {
          try {
            Page<UserResource.Item> page = users.list("200", cursor);
            return new Csv.Part<>(page.items(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The users cannot be listed", e);
          }
        },
        u ->
            Arrays.asList(
                u.name(),
                u.role(),
                u.disabled(),
                u.mustChange(),
                u.oneTimeUntil(),
                u.createdAt(),
                u.signedInAt()));
  }

  /** Makes one, and shows the one-time password this once. */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response create(Form form, @HeaderParam("X-Tutti-User") String user) throws SQLException {
    try {
      var order = new UserResource.Order(form.text("name"), form.text("role"));
      return made(users.create(order, user));
    } catch (RefusedException e) {
      return list(null, Problem.of(e.refusal()), form);
    }
  }

  /** Shows one. */
  @GET
  @Path("/{name}")
  public Response show(@PathParam("name") String name) throws SQLException {
    return show(name, null);
  }

  private Response show(String name, Problem problem) throws SQLException {
    UserResource.Item user = users.get(name);
    String path = REST + "/" + Curl.encoded(name);
    Frame frame =
        visit.frame(
            Section.USERS,
            name,
            Curl.get("Read it", visit.base(), path, Map.of()),
            Curl.change(
                "Change it",
                visit.base(),
                "PATCH",
                path,
                null,
                "{\"role\": \"%s\", \"disabled\": %s}".formatted(user.role(), user.disabled())),
            Curl.change(
                "Give a one-time password", visit.base(), "POST", path + "/reset", null, null));
    return Html.of(problem, Templates.user(frame, user, problem, ROLES));
  }

  /** Changes of what one may do what is another than the form was made with. */
  @POST
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response change(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    try {
      boolean disabled = form.typed("disabled").equals("true");
      boolean isRole = !form.typed("role").equals(form.typed("was_role"));
      boolean isDisabled = !String.valueOf(disabled).equals(form.typed("was_disabled"));
      if (isRole || isDisabled) {
        var change =
            new UserResource.Change(
                isRole ? form.text("role") : null, isDisabled ? disabled : null);
        users.change(name, change, user);
      }
    } catch (RefusedException e) {
      return show(name, Problem.of(e.refusal()));
    }
    return Response.seeOther(URI.create(PAGES + "/" + Curl.encoded(name))).build();
  }

  /** Gives one a one-time password, and shows it this once. */
  @POST
  @Path("/{name}/reset")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response reset(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    return made(users.reset(name, user));
  }

  private Response made(Response answer) {
    var made = (UserResource.Made) answer.getEntity();
    return Html.of(
        Templates.oneTimePassword(visit.frame(Section.USERS, "One-time password"), made));
  }
}
