package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.cascade.v1.Cache;
import dev.tutti.registry.admin.CacheAdmin;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of the answers that cascades keep and give again; cascade-service has them. */
@Path("/api/v1/caches")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "caches", description = "Answers that cascades keep and give again.")
public class CacheResource {

  private static final String LIST = "caches";

  private final CacheAdmin caches;

  CacheResource(CacheAdmin caches) {
    this.caches = caches;
  }

  /** A cache; see cache.proto for what each field says. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Cache", description = "What an ensemble keeps, as a replica has it.")
  public record Item(
      @Schema(description = "The ensemble.") String ensemble,
      @Schema(description = "How many answers it keeps.") long entries,
      @Schema(description = "When the oldest was made; absent where there is none.") Instant oldest,
      @Schema(
              description =
                  "How often feedback was given on one of them as it was given to another question.")
          long judged,
      @Schema(description = "How often that said that it is wrong.") long judgedWrong,
      @Schema(
              description =
                  "How often members were asked anew though one could have been given, to see"
                      + " whether they say the same.")
          long checked,
      @Schema(description = "How often they did not.") long checkedWrong,
      @Schema(description = "Share of wrong ones among both; absent where nobody looked.")
          Double falseHitRate) {

    private static Item of(Cache cache) {
      return new Item(
          cache.getEnsemble(),
          cache.getEntries(),
          cache.hasOldest() ? JobItem.time(cache.getOldest()) : null,
          cache.getJudged(),
          cache.getJudgedWrong(),
          cache.getChecked(),
          cache.getCheckedWrong(),
          cache.hasFalseHitRate() ? cache.getFalseHitRate() : null);
    }
  }

  /** How many were forgotten. */
  @Schema(name = "PurgedCache", description = "How many answers were forgotten.")
  public record Purged(@Schema(description = "So many.") long entries) {}

  /** Lists them by ensemble. */
  @GET
  @Operation(operationId = "listCaches", summary = "Lists what every ensemble keeps")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Item> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team) {
    String whose = Parameters.team(team);
    int size = Parameters.limit(limit);
    List<Item> all = caches.caches(whose).stream().map(Item::of).toList();
    return Page.part(all, LIST + "/" + whose, Item::ensemble, size, cursor);
  }

  /** Tells one. */
  @GET
  @Path("/{ensemble}")
  @Operation(operationId = "getCache", summary = "Tells what an ensemble keeps")
  @APIResponse(responseCode = "200", description = "The cache; an empty one of an unknown name.")
  @APIResponse(responseCode = "400", description = "A wrong team.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item get(
      @PathParam("ensemble") @Parameter(description = "Its own name.") String ensemble,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team) {
    return Item.of(caches.cache(Parameters.team(team), ensemble));
  }

  /** Forgets one. */
  @DELETE
  @Path("/{ensemble}")
  @Operation(operationId = "purgeCache", summary = "Forgets all that an ensemble keeps")
  @APIResponse(responseCode = "200", description = "How many answers that were.")
  @APIResponse(responseCode = "400", description = "A wrong team.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Purged purge(
      @PathParam("ensemble") @Parameter(description = "Its own name.") String ensemble,
      @QueryParam("team") @Parameter(description = ApiDoc.TEAM) String team,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return new Purged(caches.purge(Parameters.team(team), ensemble, Parameters.author(user)));
  }
}
