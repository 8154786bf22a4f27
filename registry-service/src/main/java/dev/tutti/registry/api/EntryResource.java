package dev.tutti.registry.api;

import dev.tutti.registry.Entry;
import dev.tutti.registry.Kind;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/**
 * What the REST of models and the REST of ensembles have in common. {@link EntriesDescribed} says
 * in the description of each which of the two it is: "ENTRY" stands for the word.
 */
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public abstract class EntryResource {

  private static final String ABSENT = "There is no ENTRY of this name.";

  private final Kind kind;
  private final EntryEndpoint entries;

  EntryResource(Kind kind, EntryEndpoint entries) {
    this.kind = kind;
    this.entries = entries;
  }

  EntryEndpoint entries() {
    return entries;
  }

  /** Tells one. */
  @GET
  @Path("/{name}")
  @Operation(
      operationId = "getENTRY",
      summary = "Tells one ENTRY's newest version",
      description = "Takes If-None-Match: 304 where it is unchanged.")
  @APIResponse(
      responseCode = "200",
      description = "The ENTRY.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Entry.class)))
  @APIResponse(responseCode = "404", description = ABSENT)
  public Response get(@PathParam("name") String name, @Context Request request) {
    return entries.get(kind, name, request);
  }

  /** Throws a draft away. */
  @DELETE
  @Path("/{name}")
  @Operation(
      operationId = "deleteENTRY",
      summary = "Throws a draft away",
      description =
          "Only drafts: what was served is retired instead. Its versions and its audit stay.")
  @APIResponse(responseCode = "204", description = "Deleted.")
  @APIResponse(responseCode = "404", description = ABSENT)
  @APIResponse(responseCode = "409", description = "It is no draft, or ensembles use it.")
  @APIResponse(responseCode = "412", description = ApiDoc.STALE)
  @APIResponse(responseCode = "428", description = "If-Match is absent.")
  public Response delete(
      @PathParam("name") String name,
      @HeaderParam("If-Match") @Parameter(description = ApiDoc.IF_MATCH) String ifMatch,
      @QueryParam("validate_only") @Parameter(description = ApiDoc.VALIDATE_ONLY)
          String validateOnly,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return entries.delete(kind, name, ifMatch, validateOnly, user);
  }

  /** Moves one to another point of its life. */
  @POST
  @Path("/{name}/lifecycle")
  @Operation(
      operationId = "moveENTRY",
      summary = "Moves one ENTRY to another point of its life",
      description =
          "What becomes active is checked as if it were new: a model is opened again. What a served ensemble uses cannot be retired.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Entry.class)))
  @APIResponse(responseCode = "404", description = ABSENT)
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
    return entries.move(kind, name, step, ifMatch, validateOnly, user);
  }

  /** Gives one the content of an earlier version. */
  @POST
  @Path("/{name}/rollback")
  @Operation(
      operationId = "rollBackENTRY",
      summary =
          "Gives one ENTRY the content of an earlier version, all but its lifecycle, as a new version",
      description = "The same checks as for a new one.")
  @APIResponse(
      responseCode = "200",
      description = "The new version.",
      headers = @Header(name = "ETag", description = ApiDoc.ETAG),
      content = @Content(schema = @Schema(implementation = Entry.class)))
  @APIResponse(responseCode = "404", description = ABSENT)
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
    return entries.rollBack(kind, name, to, ifMatch, validateOnly, user);
  }

  /** Lists the versions of one. */
  @GET
  @Path("/{name}/versions")
  @Operation(
      operationId = "listENTRYVersions",
      summary = "Lists all versions of one ENTRY, newest first",
      description = "Those of a deleted draft too.")
  @APIResponse(
      responseCode = "200",
      description = "A part of the list: `items`, each of them one ENTRY, and `next_cursor`.",
      content = @Content(schema = @Schema(implementation = EntryPage.class)))
  @APIResponse(responseCode = "404", description = "There never was such ENTRY.")
  public Page<Entry> versions(
      @PathParam("name") String name,
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor) {
    return entries.versions(kind, name, limit, cursor);
  }

  /** Tells one version of one. */
  @GET
  @Path("/{name}/versions/{version}")
  @Operation(operationId = "getENTRYVersion", summary = "Tells one version of one ENTRY")
  @APIResponse(
      responseCode = "200",
      description = "The ENTRY as it was.",
      content = @Content(schema = @Schema(implementation = Entry.class)))
  @APIResponse(responseCode = "404", description = "There is no such version.")
  public Entry version(@PathParam("name") String name, @PathParam("version") long version) {
    return entries.version(kind, name, version);
  }

  /** For the description of the lists only. */
  @Schema(name = "EntryPage", description = "A part of a list.")
  record EntryPage(List<Entry> items, String nextCursor) {}
}
