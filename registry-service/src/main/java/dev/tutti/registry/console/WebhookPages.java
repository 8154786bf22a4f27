package dev.tutti.registry.console;

import dev.tutti.registry.RefusedException;
import dev.tutti.registry.api.Browsed;
import dev.tutti.registry.api.Page;
import dev.tutti.registry.api.Problem;
import dev.tutti.registry.api.WebhookResource;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.webhook.Webhook;
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

/**
 * The page of webhooks: who is told that keys have spent their soft budgets. The secret of one is
 * on the page that answers its form, and nowhere else.
 */
@Browsed
@RoleNeeded(Role.ADMINISTRATOR)
@Path("/console/webhooks")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class WebhookPages {

  private static final String PAGES = "/console/webhooks";
  private static final String REST = "/api/v1/webhooks";

  private final WebhookResource webhooks;
  private final Visit visit;

  WebhookPages(WebhookResource webhooks, Visit visit) {
    this.webhooks = webhooks;
    this.visit = visit;
  }

  /**
   * Webhooks, a part of them, and the form of a new one.
   *
   * @param hooks newest first
   * @param next address of the next part; null at the end
   * @param problem for which a new one was refused; null for none
   * @param fields of the form
   */
  public record Listing(List<Webhook> hooks, String next, Problem problem, List<Field> fields) {}

  /** Lists them. */
  @GET
  public TemplateInstance list(@QueryParam("cursor") String cursor) throws SQLException {
    return list(cursor, null, null);
  }

  /** Lists them as CSV. */
  @GET
  @Path("/~csv")
  @Produces(Csv.MEDIA_TYPE)
  public Response csv() {
    return Csv.<Webhook>of(
        "webhooks",
        List.of("id", "url", "created_at", "delivered_at", "error", "waiting"),
        cursor -> {
          try {
            Page<Webhook> page = webhooks.list("200", cursor);
            return new Csv.Part<>(page.items(), page.nextCursor());
          } catch (SQLException e) {
            throw new IllegalStateException("The webhooks cannot be listed", e);
          }
        },
        w ->
            Arrays.asList(w.id(), w.url(), w.createdAt(), w.deliveredAt(), w.error(), w.waiting()));
  }

  /** Makes one, and tells its secret. */
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response create(Form form, @HeaderParam("X-Tutti-User") String user) throws SQLException {
    WebhookResource.Made made;
    try {
      var order = new WebhookResource.Order(form.text("url"));
      made = (WebhookResource.Made) webhooks.create(order, user).getEntity();
    } catch (RefusedException e) {
      Problem problem = Problem.of(e.refusal());
      return Html.of(problem, list(null, problem, form));
    }
    Frame frame =
        visit.frame(
            Section.KEYS,
            "The webhook is made",
            Curl.get("Read it, without its secret", visit.base(), path(made.id()), Map.of()));
    return Html.of(Templates.webhookMade(frame, made));
  }

  /** Has one told something of no meaning. */
  @POST
  @Path("/{id}/test")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response test(@PathParam("id") String id, Form form) throws SQLException {
    webhooks.test(id);
    return Response.seeOther(URI.create(PAGES)).build();
  }

  /** Deletes one. */
  @POST
  @Path("/{id}/delete")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  public Response delete(
      @PathParam("id") String id, Form form, @HeaderParam("X-Tutti-User") String user)
      throws SQLException {
    webhooks.delete(id, user);
    return Response.seeOther(URI.create(PAGES)).build();
  }

  private TemplateInstance list(String cursor, Problem problem, Form typed) throws SQLException {
    Page<Webhook> page = webhooks.list("50", Asked.given(cursor));
    var asked = new LinkedHashMap<String, String>();
    asked.put("cursor", Asked.given(cursor));
    List<Field> fields =
        new Fields(field -> typed == null ? "" : typed.typed(field), problem)
            .required(
                "url",
                "Where it listens",
                Field.Input.TEXT,
                "An address of http or https, 2,000 characters at most. What it gets is signed with a secret that is told once.")
            .all();
    String one = REST + "/hook-0f6a1b2c3d4e";
    Frame frame =
        visit.frame(
            Section.KEYS,
            "Webhooks",
            Curl.get("This list", visit.base(), REST, asked),
            Curl.change(
                "Make one",
                visit.base(),
                "POST",
                REST,
                null,
                "{\"url\": \"https://example.com/tutti\"}"),
            Curl.change("Send one a test", visit.base(), "POST", one + "/test", null, null),
            Curl.change("Delete one", visit.base(), "DELETE", one, null, null));
    String next =
        page.nextCursor() == null ? null : PAGES + Curl.query(Map.of("cursor", page.nextCursor()));
    return Templates.webhooks(frame, new Listing(page.items(), next, problem, fields));
  }

  private static String path(String id) {
    return REST + "/" + Curl.encoded(id);
  }
}
