package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.registry.api.KeyResource;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.Problems;
import dev.tutti.registry.key.KeySettings;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The pages of keys. The text of one is on the page that answers its form, and nowhere else: that
 * page has no address, and nobody keeps it.
 */
@Browsed
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/console/keys")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class KeyPages {

  private static final String PAGES = "/console/keys";
  private static final String REST = "/api/v1/keys";
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "prefix",
          "team",
          "name",
          "state",
          "scopes",
          "models",
          "requests_per_minute",
          "tokens_per_minute",
          "soft_usd_per_day",
          "usd_per_day",
          "soft_usd_per_month",
          "usd_per_month",
          "expires_at",
          "created_at",
          "last_used_at",
          "revoked_at",
          "month_requests",
          "month_usd");

  private final KeyResource keys;
  private final KeySpends spends;
  private final Visit visit;
  private final ObjectMapper json;

  KeyPages(KeyResource keys, KeySpends spends, Visit visit, ObjectMapper json) {
    this.keys = keys;
    this.spends = spends;
    this.visit = visit;
    this.json = json;
  }

  /**
   * Keys, a part of them.
   *
   * @param rows newest first
   * @param team only its; empty for all
   * @param text only those with this in their name, of this id, or that begin so; empty for all
   * @param next address of the next part; null at the end
   * @param csv address of the whole as CSV
   */
  public record Listing(List<KeyRow> rows, String team, String text, String next, String csv) {

    /** Whether only some are looked for. */
    public boolean isFiltered() {
      return !(team + text).isEmpty();
    }
  }

  /** Lists them. */
  @GET
  public TemplateInstance list(
      @QueryParam("cursor") String cursor,
      @QueryParam("team") String team,
      @QueryParam("text") String text)
      throws SQLException {
    Map<String, String> asked = asked(team, text);
    Page<KeyItem> page = keys.list("50", Asked.given(cursor), asked.get("team"), asked.get("text"));
    Curl call = Curl.get("This list", visit.base(), REST, Asked.with(asked, "cursor", cursor));
    return Templates.keys(
        visit.frame(Section.KEYS, "Keys", call),
        new Listing(
            page.items().stream().map(spends.rows()).toList(),
            Asked.shown(team),
            Asked.shown(text),
            page.nextCursor() == null
                ? null
                : PAGES + Curl.query(Asked.with(asked, "cursor", page.nextCursor())),
            PAGES + "/~csv" + Curl.query(asked)));
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv(@QueryParam("team") String team, @QueryParam("text") String text) {
    Map<String, String> asked = asked(team, text);
    var rows = spends.rows();
    return Csv.<KeyRow>of(
        "keys",
        COLUMNS,
        cursor -> {
          try {
            Page<KeyItem> page = keys.list("200", cursor, asked.get("team"), asked.get("text"));
            return new Csv.Part<>(page.items().stream().map(rows).toList(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The keys cannot be listed", e);
          }
        },
        KeyPages::cells);
  }

  /** The form of a new one. */
  @GET
  @Path("/~new")
  public TemplateInstance fresh(@QueryParam("team") String team) {
    UnaryOperator<String> typed =
        field ->
            switch (field) {
              case "team" -> Asked.given(team);
              case "scopes" -> "use";
              default -> null;
            };
    return Templates.keyForm(
        visit.frame(Section.KEYS, "Make a key", List.of()),
        PAGES,
        true,
        KeyForm.fields(true, typed, null),
        null);
  }

  /** Makes one, and tells it. */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response create(Form form, @HeaderParam("X-Tutti-User") String user) throws SQLException {
    ObjectNode document = KeyForm.document(form, json);
    try {
      var settings = json.treeToValue(document, KeySettings.class);
      return made((KeyResource.Made) keys.create(settings, user).getEntity());
    } catch (RefusedException e) {
      return refused(null, form, document, Problem.of(e.refusal()));
    } catch (JsonProcessingException e) {
      return refused(null, form, document, Problem.of(Problems.refusal(e)));
    }
  }

  /** Shows one. */
  @GET
  @Path("/{id}")
  public TemplateInstance show(@PathParam("id") String id) throws SQLException {
    KeyItem key = keys.get(id);
    String path = path(key.id());
    Curl read = Curl.get("Read it", visit.base(), path, Map.of());
    List<Curl> calls =
        key.revokedAt() != null
            ? List.of(read)
            : List.of(
                read,
                Curl.change("Change it", visit.base(), "PATCH", path, null, "{\"usd_per_day\": 5}"),
                Curl.change(
                    "Rotate it",
                    visit.base(),
                    "POST",
                    path + "/rotate",
                    null,
                    "{\"overlap_seconds\": 86400}"),
                Curl.change("Revoke it", visit.base(), "DELETE", path, null, null));
    return Templates.key(visit.frame(Section.KEYS, key.name(), calls), spends.rows().apply(key));
  }

  /** The form that changes one. */
  @GET
  @Path("/{id}/edit")
  public TemplateInstance edit(@PathParam("id") String id) throws SQLException {
    KeyItem key = keys.get(id);
    Curl call = Curl.get("Read it", visit.base(), path(key.id()), Map.of());
    return Templates.keyForm(
        visit.frame(Section.KEYS, "Change " + key.name(), call),
        Shown.href(key),
        false,
        KeyForm.fields(false, field -> KeyForm.typed(key, field), null),
        null);
  }

  /** Changes one. */
  @POST
  @Path("/{id}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response change(
      @PathParam("id") String id, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    ObjectNode patch = KeyForm.patch(form, json);
    try {
      return there(keys.change(id, patch, user).id());
    } catch (RefusedException e) {
      return refused(id, form, patch, Problem.of(e.refusal()));
    } catch (JsonProcessingException e) {
      return refused(id, form, patch, Problem.of(Problems.refusal(e)));
    }
  }

  /** Gives one another text, and tells it. */
  @POST
  @Path("/{id}/rotate")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response rotate(
      @PathParam("id") String id, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    var rotation = new KeyResource.Rotation(form.number("overlap_seconds"));
    return made((KeyResource.Made) keys.rotate(id, rotation, user).getEntity());
  }

  /** Revokes one. */
  @POST
  @Path("/{id}/revoke")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response revoke(
      @PathParam("id") String id, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    keys.revoke(id, user);
    return there(id);
  }

  private Response made(KeyResource.Made made) {
    Frame frame =
        visit.frame(
            Section.KEYS,
            made.previousUntil() == null ? "The key is made" : "The key is another one",
            Curl.get("Read it, without what opens", visit.base(), path(made.id()), Map.of()));
    return Html.of(Templates.keyMade(frame, made.id(), made.key(), made.previousUntil()));
  }

  private Response refused(String id, Form form, ObjectNode document, Problem problem) {
    Curl call =
        Curl.change(
            "The same as a call",
            visit.base(),
            id == null ? "POST" : "PATCH",
            id == null ? REST : path(id),
            null,
            document.toPrettyString());
    Frame frame = visit.frame(Section.KEYS, id == null ? "Make a key" : "Change a key", call);
    String action = id == null ? PAGES : PAGES + "/" + Curl.encoded(id);
    List<Field> fields = KeyForm.fields(id == null, form::typed, problem);
    return Html.of(problem, Templates.keyForm(frame, action, id == null, fields, problem));
  }

  private static Response there(String id) {
    return Response.seeOther(URI.create(PAGES + "/" + Curl.encoded(id))).build();
  }

  private static String path(String id) {
    return REST + "/" + Curl.encoded(id);
  }

  private static Map<String, String> asked(String team, String text) {
    var asked = new LinkedHashMap<String, String>();
    asked.put("team", Asked.given(team));
    asked.put("text", Asked.given(text));
    return asked;
  }

  private static List<Object> cells(KeyRow row) {
    KeyItem key = row.key();
    return Arrays.asList(
        key.id(),
        key.prefix(),
        key.team(),
        key.name(),
        row.state(),
        key.scopes().stream().map(ContractEnums::word).collect(Collectors.joining(" ")),
        key.models() == null ? null : String.join(" ", key.models()),
        key.requestsPerMinute(),
        key.tokensPerMinute(),
        key.softUsdPerDay(),
        key.usdPerDay(),
        key.softUsdPerMonth(),
        key.usdPerMonth(),
        key.expiresAt(),
        key.createdAt(),
        key.lastUsedAt(),
        key.revokedAt(),
        row.spend() == null ? null : row.spend().getMonthRequests(),
        row.spend() == null ? null : row.spend().getMonthUsd());
  }
}
