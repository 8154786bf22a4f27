package dev.tutti.registry.api;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
import dev.tutti.registry.store.EntryFilter;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
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
public class EnsembleResource {

  private final EntryEndpoint entries;

  EnsembleResource(EntryEndpoint entries) {
    this.entries = entries;
  }

  /** Lists them by name. */
  @GET
  @Operation(operationId = "listEnsembles", summary = "Lists ensembles by name")
  @APIResponse(
      responseCode = "200",
      description = "A part of the list: `items`, each a ensemble, and `next_cursor`.",
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
    return entries.list(
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
        @Header(name = "Location", description = "Its path.")
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
    return entries.create(ensemble, validateOnly, user);
  }

  /** Tells one. */
  @GET
  @Path("/{name}")
  @Operation(
      operationId = "getEnsemble",
      summary = "Tells an ensemble's newest version",
      description = "Takes If-None-Match: 304 where it is unchanged.")
  @APIResponse(
      responseCode = "200",
      description = "The ensemble.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(responseCode = "404", description = "There is no such ensemble.")
  public Response get(@PathParam("name") String name, @Context Request request) {
    return entries.get(Kind.ENSEMBLE, name, request);
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
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
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
    return entries.replace(name, ensemble, ifMatch, validateOnly, user);
  }

  /** Throws a draft away. */
  @DELETE
  @Path("/{name}")
  @Operation(
      operationId = "deleteEnsemble",
      summary = "Throws a draft away",
      description =
          "Only drafts: what was served is retired instead. Its versions and its audit stay.")
  @APIResponse(responseCode = "204", description = "Deleted.")
  @APIResponse(responseCode = "404", description = "There is no such ensemble.")
  @APIResponse(responseCode = "409", description = "It is no draft, or ensembles use it.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  public Response delete(
      @PathParam("name") String name,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries.delete(Kind.ENSEMBLE, name, ifMatch, validateOnly, user);
  }

  /** Moves one to another point of its life. */
  @POST
  @Path("/{name}/lifecycle")
  @Operation(
      operationId = "moveEnsemble",
      summary = "Moves an ensemble to another point of its life",
      description =
          "An ensemble that becomes active is checked as a new one is. An ensemble that a served ensemble uses cannot be retired.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(responseCode = "404", description = "There is no such ensemble.")
  @APIResponse(
      responseCode = "409",
      description = "There is no such way, or served ensembles use it.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "422", description = "It cannot be served; `errors` say why.")
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response move(
      @PathParam("name") String name,
      LifecycleStep step,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries.move(Kind.ENSEMBLE, name, step, ifMatch, validateOnly, user);
  }

  /** Gives one the content of an earlier version. */
  @POST
  @Path("/{name}/rollback")
  @Operation(
      operationId = "rollBackEnsemble",
      summary =
          "Gives an ensemble the content of an earlier version, all but its lifecycle, as a new version",
      description = "The same checks as for a new one.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(responseCode = "404", description = "There is no such ensemble.")
  @APIResponse(
      responseCode = "409",
      description = "Served ensembles need it as it is, or it is retired.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(
      responseCode = "422",
      description = "There is no such version, or it cannot work any more; `errors` say why.")
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Response rollBack(
      @PathParam("name") String name,
      RollBack to,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries.rollBack(Kind.ENSEMBLE, name, to, ifMatch, validateOnly, user);
  }

  /** Lists the versions of one. */
  @GET
  @Path("/{name}/versions")
  @Operation(
      operationId = "listEnsembleVersions",
      summary = "Lists all versions of an ensemble, newest first",
      description = "Those of a deleted draft too.")
  @APIResponse(
      responseCode = "200",
      description = "A part of the list: `items`, each a ensemble, and `next_cursor`.",
      content = @Content(schema = @Schema(implementation = EnsemblePage.class)))
  @APIResponse(responseCode = "404", description = "There never was such an ensemble.")
  public Page<Entry> versions(
      @PathParam("name") String name,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor) {
    return entries.versions(Kind.ENSEMBLE, name, limit, cursor);
  }

  /** Tells one version of one. */
  @GET
  @Path("/{name}/versions/{version}")
  @Operation(operationId = "getEnsembleVersion", summary = "Tells one version of an ensemble")
  @APIResponse(
      responseCode = "200",
      description = "The ensemble as it was.",
      content = @Content(schema = @Schema(implementation = Ensemble.class)))
  @APIResponse(responseCode = "404", description = "There is no such version.")
  public Entry version(@PathParam("name") String name, @PathParam("version") long version) {
    return entries.version(Kind.ENSEMBLE, name, version);
  }

  /** For the description of the lists only. */
  @Schema(name = "EnsemblePage", description = "A part of a list of ensembles.")
  record EnsemblePage(java.util.List<Ensemble> items, String nextCursor) {}
}
