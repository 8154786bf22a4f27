package dev.tutti.registry.api;

import dev.tutti.registry.neighbour.GrpcNeighbours;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of the methods: asked of the services that have them, each time anew. */
@Path("/api/v1/methods")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "methods", description = "What an ensemble can do with its members.")
public class MethodResource {

  private final GrpcNeighbours neighbours;

  MethodResource(GrpcNeighbours neighbours) {
    this.neighbours = neighbours;
  }

  /** Lists them by name. */
  @GET
  @Operation(
      operationId = "listMethods",
      summary = "Lists all methods by name",
      description =
          "Asked of router, decoder, fusion and cascade at once. A service that cannot be asked is named; the rest"
              + " is told.")
  @APIResponse(responseCode = "200", description = "The methods.")
  public MethodList list() {
    return MethodList.of(neighbours.methods());
  }
}
