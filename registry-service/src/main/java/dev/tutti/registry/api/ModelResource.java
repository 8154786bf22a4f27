package dev.tutti.registry.api;

import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.Model;
import dev.tutti.registry.store.EntryFilter;
import dev.tutti.type.v1.Capability;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of models. */
@Path("/api/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "models",
    description = "Language models: where they are, what they can do, what they cost.")
public class ModelResource extends EntryResource {

  ModelResource(EntryEndpoint entries) {
    super(Kind.MODEL, entries);
  }

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listModels", summary = "Lists models by name")
  @APIResponse(
      responseCode = "200",
      description = "A part of the list: `items`, each a model, and `next_cursor`.",
      content = @Content(schema = @Schema(implementation = ModelPage.class)))
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  public Page<Entry> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("lifecycle") @Parameter(description = ApiDoc.LIFECYCLE) String lifecycle,
      @QueryParam("text") @Parameter(description = ApiDoc.TEXT) String text,
      @QueryParam("capability")
          @Parameter(description = "Only those that can do this, e.g. scoring.")
          String capability) {
    return entries()
        .list(
            Kind.MODEL,
            limit,
            cursor,
            new EntryFilter(
                Parameters.lifecycle(lifecycle),
                Parameters.text("text", text),
                "",
                Parameters.word("capability", capability, Capability.class),
                ""));
  }

  /** Registers one. */
  @POST
  @Operation(
      operationId = "createModel",
      summary = "Registers a model",
      description =
          "The decoder opens the model first: what it can do, its context length, its size and its digest come from there. A capability or a context length beyond the model's own is refused, a smaller one limits it.")
  @APIResponse(
      responseCode = "201",
      description = "Registered; 200 with `validate_only`.",
      headers = {
        @Header(name = "ETag", description = ApiDoc.ETAG),
        @Header(name = "Location", description = "Its path.")
      },
      content = @Content(schema = @Schema(implementation = Model.class)))
  @APIResponse(
      responseCode = "400",
      description = "Malformed JSON, an unknown field, a wrong type.")
  @APIResponse(responseCode = "409", description = "The name is taken, by a model or an ensemble.")
  @APIResponse(responseCode = "413", description = "The body has more than 1 MiB.")
  @APIResponse(responseCode = "422", description = "It cannot work; `errors` say why.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      Model model,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries().create(model, validateOnly, user);
  }

  /** Replaces one. */
  @PUT
  @Path("/{name}")
  @Operation(
      operationId = "replaceModel",
      summary = "Replaces a model, all but its lifecycle",
      description =
          "What was read, of an earlier version too, may be sent back changed; the registry's own fields are left out or unchanged. The model is opened again unless runtime, location, decoder, endpoints, remote_model, credential, context_length, parameters and capabilities are sent unchanged.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Model.class)))
  @APIResponse(
      responseCode = "400",
      description = "Malformed JSON, an unknown field, a wrong type.")
  @APIResponse(responseCode = "404", description = "There is no such model.")
  @APIResponse(
      responseCode = "409",
      description = "Served ensembles need it as it is, or it is retired.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "422", description = "It cannot work; `errors` say why.")
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response replace(
      @PathParam("name") String name,
      Model model,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries().replace(name, model, ifMatch, validateOnly, user);
  }

  /** For the description of the lists only. */
  @Schema(name = "ModelPage", description = "A part of a list of models.")
  record ModelPage(java.util.List<Model> items, String nextCursor) {}
}
