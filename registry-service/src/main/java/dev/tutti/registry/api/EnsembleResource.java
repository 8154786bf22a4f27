package dev.tutti.registry.api;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.dataset.PartnerAdvice;
import dev.tutti.registry.store.EntryFilter;
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
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of ensembles. */
@Path("/api/v1/ensembles")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(
    name = "ensembles",
    description = "Ensembles: a method over members that are models or ensembles.")
public class EnsembleResource extends EntryResource {

  private static final String WARNING =
      "Of an ensemble that writes token by token: a member that, by recorded outcomes, is too far from the best in score"
          + " or in style, one header each. See `/api/v1/datasets/{name}/partners`.";

  private final PartnerAdvice advice;

  EnsembleResource(EntryEndpoint entries, PartnerAdvice advice) {
    super(Kind.ENSEMBLE, entries);
    this.advice = advice;
  }

  /** The same answer with what speaks against its members, one header each. */
  private Response advised(Response response) {
    List<String> warnings =
        response.getEntity() instanceof Ensemble ensemble ? advice.warnings(ensemble) : List.of();
    if (warnings.isEmpty()) {
      return response;
    }
    Response.ResponseBuilder with = Response.fromResponse(response);
    // A header is printable ASCII; names in datasets need not be.
    warnings.forEach(w -> with.header("X-Tutti-Warning", w.replaceAll("[^ -~]", "?")));
    return with.build();
  }

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listEnsembles", summary = "Lists ensembles by name")
  @APIResponse(
      responseCode = "200",
      description = "A part of the list: `items`, each an ensemble, and `next_cursor`.",
      content = @Content(schema = @Schema(implementation = EnsemblePage.class)))
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  public Page<Entry> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("lifecycle") @Parameter(description = ApiDoc.LIFECYCLE) String lifecycle,
      @QueryParam("text") @Parameter(description = ApiDoc.TEXT) String text,
      @QueryParam("method") @Parameter(description = "Only those of this method.") String method,
      @QueryParam("member")
          @Parameter(
              description =
                  "Only those that have this model or ensemble as a member, or know one as that.")
          String member) {
    return entries()
        .list(
            Kind.ENSEMBLE,
            limit,
            cursor,
            new EntryFilter(
                Parameters.lifecycle(lifecycle),
                Parameters.text("text", text),
                Parameters.text("method", method),
                Optional.empty(),
                Parameters.text("member", member)));
  }

  /** Registers one. */
  @POST
  @Operation(
      operationId = "createEnsemble",
      summary = "Registers an ensemble",
      description =
          "The service that has the method checks the settings and what the members can do. Cycles, nesting deeper than 8, members that are retired or missing, and drafts in an ensemble that is not one are refused.")
  @APIResponse(
      responseCode = "201",
      description = "Registered; 200 with `validate_only`.",
      headers = {
        @Header(name = "ETag", description = ApiDoc.ETAG),
        @Header(name = "Location", description = "Its path."),
        @Header(name = "X-Tutti-Warning", description = WARNING)
      },
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(
      responseCode = "400",
      description = "Malformed JSON, an unknown field, a wrong type.")
  @APIResponse(responseCode = "409", description = "The name is taken, by a model or an ensemble.")
  @APIResponse(responseCode = "413", description = "The body has more than 1 MiB.")
  @APIResponse(responseCode = "422", description = "It cannot work; `errors` say why.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response create(
      Ensemble ensemble,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return advised(entries().create(ensemble, validateOnly, user));
  }

  /** Replaces one. */
  @PUT
  @Path("/{name}")
  @Operation(
      operationId = "replaceEnsemble",
      summary = "Replaces an ensemble, all but its lifecycle",
      description =
          "What was read, of an earlier version too, may be sent back changed; the registry's own fields are left out or unchanged. The same checks as for a new one.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = {
        @Header(name = "ETag", description = ApiDoc.ETAG),
        @Header(name = "X-Tutti-Warning", description = WARNING)
      },
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(
      responseCode = "400",
      description = "Malformed JSON, an unknown field, a wrong type.")
  @APIResponse(responseCode = "404", description = "There is no such ensemble.")
  @APIResponse(
      responseCode = "409",
      description = "Served ensembles need it as it is, or it is retired.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "422", description = "It cannot work; `errors` say why.")
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response replace(
      @PathParam("name") String name,
      Ensemble ensemble,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return advised(entries().replace(name, ensemble, ifMatch, validateOnly, user));
  }

  /** For the description of the lists only. */
  @Schema(name = "EnsemblePage", description = "A part of a list of ensembles.")
  record EnsemblePage(List<Ensemble> items, String nextCursor) {}
}
