package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.Author;
import dev.tutti.registry.signin.Role;
import dev.tutti.registry.signin.RoleNeeded;
import dev.tutti.registry.webhook.Webhook;
import dev.tutti.registry.webhook.Webhooks;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
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
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of webhooks. */
@Path("/api/v1/webhooks")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@RoleNeeded(Role.ADMINISTRATOR)
@Tag(name = "webhooks", description = "Who is told that keys have spent their soft budget.")
public class WebhookResource {

  private static final String LIST = "webhooks";

  private final Webhooks webhooks;

  WebhookResource(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  /** What a webhook is made of. */
  @Schema(name = "WebhookOrder", description = "What a webhook is made of.")
  public record Order(
      @Schema(
              required = true,
              examples = "https://example.com/tutti",
              description = "Where it listens: http or https, at most 2,000 characters.")
          String url) {}

  /** A webhook that was just made. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "MadeWebhook", description = "A webhook that was just made.")
  public record Made(
      @Schema(description = "Its id.") String id,
      @Schema(
              description =
                  "Signs what it gets: X-Tutti-Signature is v1= and HMAC-SHA-256, in hexadecimal, over X-Tutti-Timestamp, a dot and the body. It is told this once.")
          String secret) {}

  /** Lists them, newest first. */
  @GET
  @Operation(operationId = "listWebhooks", summary = "Lists webhooks, newest first")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Webhook> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor)
      throws SQLException {
    int size = Parameters.limit(limit);
    List<Webhook> found = webhooks.list(Cursor.readNumber(LIST, cursor), size + 1);
    return Page.of(found, size, LIST, Webhook::number);
  }

  /** Makes one. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "createWebhook",
      summary = "Makes a webhook",
      description =
          "It is told by POST that a key has spent its soft budget, once a key and day, or month: {\"type\": \"budget.soft\", \"key\", \"key_name\", \"team\","
              + " \"window\", \"begin\", \"used_usd\", \"soft_usd\", \"usd\"}. What it does not answer with 2xx within ten seconds is sent again, twelve times in all;"
              + " redirects are not followed.")
  @APIResponse(
      responseCode = "201",
      description = "The webhook.",
      content = @Content(schema = @Schema(implementation = Made.class)))
  @APIResponse(responseCode = "400", description = "The request cannot be read.")
  @APIResponse(responseCode = "422", description = "url cannot be.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      Order order, @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    Author author = Parameters.author(user);
    Webhooks.Made made = webhooks.create(TeamResource.body(order).url(), author);
    return Response.created(URI.create("/api/v1/webhooks/" + made.webhook().id()))
        .entity(new Made(made.webhook().id(), made.secret()))
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }

  /** Tells one. */
  @GET
  @Path("/{id}")
  @Operation(operationId = "getWebhook", summary = "Tells a webhook, without its secret")
  @APIResponse(responseCode = "200", description = "The webhook.")
  @APIResponse(responseCode = "404", description = "There is no such webhook.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Webhook get(@PathParam("id") String id) throws SQLException {
    return webhooks.find(id);
  }

  /** Has one told something of no meaning. */
  @POST
  @Path("/{id}/test")
  @Operation(
      operationId = "testWebhook",
      summary = "Sends a webhook {\"type\": \"test\"}",
      description =
          "Signed and repeated as a notice is; the webhook tells by delivered_at and error what became of it. One that is still to be sent stays the only one.")
  @APIResponse(responseCode = "202", description = "It is sent soon.")
  @APIResponse(responseCode = "404", description = "There is no such webhook.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response test(@PathParam("id") String id) throws SQLException {
    webhooks.test(id);
    return Response.accepted().build();
  }

  /** Deletes one. */
  @DELETE
  @Path("/{id}")
  @Operation(
      operationId = "deleteWebhook",
      summary = "Deletes a webhook, and what it was still to be sent")
  @APIResponse(responseCode = "204", description = "It is gone.")
  @APIResponse(responseCode = "404", description = "There is no such webhook.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response delete(
      @PathParam("id") String id,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user)
      throws SQLException {
    webhooks.delete(id, Parameters.author(user));
    return Response.noContent().build();
  }
}
