package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.admin.RouterAdmin;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.RebuildLearnerResponse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of what routing ensembles learned from feedback; router-service keeps it. */
@Path("/api/v1/learners")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "learners", description = "What routing ensembles learned from feedback.")
public class LearnerResource {

  private static final String LIST = "learners";

  private final RouterAdmin router;

  LearnerResource(RouterAdmin router) {
    this.router = router;
  }

  /** A learner; see feedback.proto for what each field says. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Learner", description = "What a routing ensemble learned, as a replica has it.")
  public record Item(
      @Schema(description = "The ensemble.") String ensemble,
      @Schema(description = "Its method.") String method,
      @Schema(description = "The settings that what it learns depends on.") String basis,
      @Schema(description = "Pieces of feedback that it learned from.") long observed,
      @Schema(description = "Place of the last one that it has seen.") long position,
      @Schema(description = "Pieces that wait; absent where the database, which knows, is away.")
          Long backlog,
      @Schema(description = "After a rebuild: whether the same is known, bit for bit; absent else.")
          Boolean same,
      @Schema(description = "By member: its numbers by name.")
          Map<String, Map<String, Double>> arms) {

    private static Item of(Learner learner, Boolean same) {
      var arms = new TreeMap<String, Map<String, Double>>();
      learner
          .getArmsList()
          .forEach(arm -> arms.put(arm.getMember(), new TreeMap<>(arm.getValuesMap())));
      return new Item(
          learner.getEnsemble(),
          learner.getMethod(),
          learner.getBasis(),
          learner.getObserved(),
          learner.getPosition(),
          learner.hasBacklog() ? learner.getBacklog() : null,
          same,
          arms);
    }
  }

  /** Lists them by ensemble. */
  @GET
  @Operation(operationId = "listLearners", summary = "Lists what every ensemble learned")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Item> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor) {
    int size = Parameters.limit(limit);
    List<Item> all = router.learners().stream().map(learner -> Item.of(learner, null)).toList();
    return Page.part(all, LIST, Item::ensemble, size, cursor);
  }

  /** Tells one. */
  @GET
  @Path("/{ensemble}")
  @Operation(operationId = "getLearner", summary = "Tells what an ensemble learned")
  @APIResponse(responseCode = "200", description = "The learner.")
  @APIResponse(responseCode = "404", description = "There is no such ensemble that learns.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item get(@PathParam("ensemble") String ensemble) {
    return Item.of(router.learner(ensemble), null);
  }

  /** Learns it anew. */
  @POST
  @Path("/{ensemble}/rebuild")
  @Operation(
      operationId = "rebuildLearner",
      summary = "Learns all feedback on an ensemble anew, from nothing")
  @APIResponse(responseCode = "200", description = "The learner as it is now.")
  @APIResponse(responseCode = "404", description = "There is no such ensemble that learns.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item rebuild(
      @PathParam("ensemble") String ensemble,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    RebuildLearnerResponse done = router.rebuild(ensemble, Parameters.author(user));
    return Item.of(done.getLearner(), done.getSame());
  }
}
