package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.registry.api.KeyResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.TeamResource;
import dev.tutti.registry.console.Field.Input;
import dev.tutti.registry.key.Team;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import io.quarkus.qute.TemplateInstance;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The pages of teams: who shares keys, decisions and spend. */
@Browsed
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/console/teams")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class TeamPages {

  private static final String PAGES = "/console/teams";
  private static final String REST = "/api/v1/teams";

  private final TeamResource teams;
  private final KeyResource keys;
  private final KeySpends spends;
  private final Visit visit;
  private final ObjectMapper json;

  TeamPages(
      TeamResource teams, KeyResource keys, KeySpends spends, Visit visit, ObjectMapper json) {
    this.teams = teams;
    this.keys = keys;
    this.spends = spends;
    this.visit = visit;
    this.json = json;
  }

  /**
   * One team.
   *
   * @param rows its newest keys
   * @param more whether it has others
   * @param deleted how much of what was kept of its requests was deleted just now, by what it was;
   *     null where nothing was asked for
   */
  public record One(Team team, List<KeyRow> rows, boolean more, Map<String, Long> deleted) {}

  /** Lists them. */
  @GET
  public TemplateInstance list(@QueryParam("cursor") String cursor) throws SQLException {
    Page<Team> page = teams.list("50", Asked.given(cursor));
    Map<String, String> asked = new HashMap<>();
    asked.put("cursor", Asked.given(cursor));
    return Templates.teams(
        visit.frame(
            Section.KEYS,
            "Teams and keys",
            Curl.get("This list", visit.base(), REST, asked),
            Curl.change("Make a team", visit.base(), "POST", REST, null, "{\"name\": \"search\"}")),
        page.items(),
        page.nextCursor() == null ? null : PAGES + "?cursor=" + Curl.encoded(page.nextCursor()));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv() {
    return Csv.<Team>of(
        "teams",
        List.of("name", "description", "created_at"),
        cursor -> {
          try {
            Page<Team> page = teams.list("200", cursor);
            return new Csv.Part<>(page.items(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The teams cannot be listed", e);
          }
        },
        team -> Arrays.asList(team.name(), team.description(), team.createdAt()));
  }

  /** The form of a new one. */
  @GET
  @Path("/~new")
  public TemplateInstance fresh() {
    return Templates.teamForm(
        visit.frame(Section.KEYS, "Make a team", List.of()), fields(_ -> null, null), null);
  }

  /** Makes one. */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response create(Form form, @HeaderParam("X-Tutti-User") String user) throws SQLException {
    try {
      teams.create(new Team(form.text("name"), form.text("description"), null), user);
    } catch (RefusedException e) {
      Problem problem = Problem.of(e.refusal());
      ObjectNode document = json.createObjectNode();
      Documents.text(document, "name", form.text("name"));
      Documents.text(document, "description", form.text("description"));
      Curl call =
          Curl.change(
              "The same as a call", visit.base(), "POST", REST, null, document.toPrettyString());
      Frame frame = visit.frame(Section.KEYS, "Make a team", call);
      return Html.of(problem, Templates.teamForm(frame, fields(form::typed, problem), problem));
    }
    return there(form.text("name"));
  }

  /** Shows one. */
  @GET
  @Path("/{name}")
  public TemplateInstance show(@PathParam("name") String name) throws SQLException {
    return page(teams.get(name), null);
  }

  /** Describes one otherwise. */
  @POST
  @Path("/{name}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response describe(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    teams.change(name, new TeamResource.Change(form.text("description")), user);
    return there(name);
  }

  /** Deletes what is kept of its requests, or of those of one of its users. */
  @POST
  @Path("/{name}/data")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response deleteData(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    Team team = teams.get(name);
    String of = form.typed("of").equals("all") ? "" : form.text("user");
    if (of == null) {
      throw Refusal.malformed("user", "user is required: as the requests named it.");
    }
    Map<String, Long> deleted = teams.deleteDataOf(name, of, user).deleted();
    return Html.of(page(team, deleted));
  }

  /** Throws one away. */
  @POST
  @Path("/{name}/delete")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response delete(
      @PathParam("name") String name, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    teams.delete(name, user);
    return Response.seeOther(URI.create(PAGES)).build();
  }

  private TemplateInstance page(Team team, Map<String, Long> deleted) throws SQLException {
    Page<KeyItem> page = keys.list("50", null, team.name(), null);
    String path = REST + "/" + Curl.encoded(team.name());
    return Templates.team(
        visit.frame(
            Section.KEYS,
            team.name(),
            Curl.get("Read it", visit.base(), path, Map.of()),
            Curl.get("Its keys", visit.base(), "/api/v1/keys", Map.of("team", team.name())),
            Curl.change(
                "Describe it otherwise",
                visit.base(),
                "PATCH",
                path,
                null,
                "{\"description\": \"...\"}"),
            Curl.change(
                "Delete what is kept of one user's requests",
                visit.base(),
                "DELETE",
                path + "/data?user=u-17",
                null,
                null),
            Curl.change(
                "Delete what is kept of all its requests",
                visit.base(),
                "DELETE",
                path + "/data",
                null,
                null),
            Curl.change("Throw it away", visit.base(), "DELETE", path, null, null)),
        new One(
            team,
            page.items().stream().map(spends.rows()).toList(),
            page.nextCursor() != null,
            deleted));
  }

  private static List<Field> fields(UnaryOperator<String> typed, Problem problem) {
    return new Fields(typed, problem)
        .required(
            "name",
            "Name",
            Input.TEXT,
            "1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit. It cannot be changed later.")
        .add("description", "Description", Input.LINES, "For people, 2,000 characters at most.")
        .all();
  }

  private static Response there(String name) {
    return Response.seeOther(URI.create(PAGES + "/" + Curl.encoded(name))).build();
  }
}
