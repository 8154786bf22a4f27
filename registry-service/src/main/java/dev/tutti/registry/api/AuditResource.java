package dev.tutti.registry.api;

import dev.tutti.registry.Names;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.AuditEntry;
import dev.tutti.registry.store.AuditFilter;
import dev.tutti.registry.store.RegistryStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of the audit log. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "audit", description = "Who changed what.")
public class AuditResource {

  private final RegistryStore store;

  AuditResource(RegistryStore store) {
    this.store = store;
  }

  /** Lists changes, newest first. */
  @GET
  @Operation(
      operationId = "listAudit",
      summary = "Lists changes, newest first",
      description =
          "Each with who made it and the entry before and after; of datasets, and of what other services keep, only what was done.")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong parameter.")
  public Page<AuditEntry> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("name")
          @Parameter(
              description =
                  "Only changes of what has this name: a model, an ensemble, a dataset, an artifact; or of the job of this id.")
          String name,
      @QueryParam("user") @Parameter(description = "Only changes that this one made.") String user,
      @QueryParam("from")
          @Parameter(description = "Only from this time on, e.g. 2026-11-26T00:00:00Z.")
          String from,
      @QueryParam("to") @Parameter(description = "Only before this time.") String to) {
    int size = Parameters.limit(limit);
    if (name != null && !Names.isName(name)) {
      throw Refusal.malformed(
          "name", "name is no name of anything that is in the log: %s.".formatted(Names.RULE));
    }
    long below = Cursor.readNumber("audit", cursor);
    var filter =
        new AuditFilter(
            name == null ? "" : name,
            Parameters.text("user", user),
            Parameters.time("from", from).orElse(Parameters.FIRST),
            Parameters.time("to", to).orElse(Parameters.END));
    List<AuditEntry> found = store.audit(filter, below, size + 1);
    return Page.of(found, size, "audit", AuditEntry::number);
  }
}
