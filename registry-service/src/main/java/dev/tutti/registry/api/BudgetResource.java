package dev.tutti.registry.api;

import dev.tutti.registry.admin.RouterAdmin;
import dev.tutti.router.v1.BudgetReset;
import dev.tutti.router.v1.DayBudget;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
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

/** REST of what ensembles with a budget of a day may still spend; router-service keeps it. */
@Path("/api/v1/budgets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "budgets", description = "What ensembles with a budget of a day may still spend.")
public class BudgetResource {

  private static final String LIST = "budgets";

  private final RouterAdmin router;

  BudgetResource(RouterAdmin router) {
    this.router = router;
  }

  /** A budget; see budget.proto for what each field says. */
  @Schema(name = "DayBudget", description = "How a budget of a day stands.")
  public record Item(
      @Schema(description = "Its ensemble.") String ensemble,
      @Schema(description = "US dollars that may be spent in any 24 hours.") double usdPerDay,
      @Schema(description = "US dollars that are left; negative where it is in debt.")
          double leftUsd,
      @Schema(description = "US dollars that the replica that answers has taken ahead.")
          double heldUsd,
      @Schema(description = "How long nothing can be spent; 0 where something can.")
          double secondsUntilLeft) {

    private static Item of(DayBudget budget) {
      return new Item(
          budget.getEnsemble(),
          budget.getUsdPerDay(),
          budget.getLeftUsd(),
          budget.getHeldUsd(),
          budget.getSecondsUntilLeft());
    }
  }

  /** Who began a budget anew, and when. */
  @Schema(name = "BudgetReset", description = "Who began a budget anew, and when.")
  public record ResetItem(
      @Schema(description = "Grows with each.") long number,
      @Schema(description = "The ensemble.") String ensemble,
      @Schema(description = "US dollars that were left; negative where it was in debt.")
          double beforeUsd,
      @Schema(description = "US dollars that were left since.") double afterUsd,
      @Schema(description = "By whom.") String author,
      @Schema(description = "When.") Instant time) {

    private static ResetItem of(BudgetReset reset) {
      return new ResetItem(
          reset.getNumber(),
          reset.getEnsemble(),
          reset.getBeforeUsd(),
          reset.getAfterUsd(),
          reset.getAuthor(),
          JobItem.time(reset.getTime()));
    }
  }

  /** Lists them by ensemble. */
  @GET
  @Operation(operationId = "listBudgets", summary = "Lists every budget of a day")
  @APIResponse(responseCode = "200", description = "A part of the list.")
  @APIResponse(responseCode = "400", description = "A wrong limit or cursor.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<Item> list(
      @QueryParam("limit") @Parameter(description = ApiDoc.LIMIT) String limit,
      @QueryParam("cursor") @Parameter(description = ApiDoc.CURSOR) String cursor) {
    int size = Parameters.limit(limit);
    List<Item> all = router.budgets().stream().map(Item::of).toList();
    return Page.part(all, LIST, Item::ensemble, size, cursor);
  }

  /** Tells one. */
  @GET
  @Path("/{ensemble}")
  @Operation(operationId = "getBudget", summary = "Tells how a budget of a day stands")
  @APIResponse(responseCode = "200", description = "The budget.")
  @APIResponse(responseCode = "404", description = "There is no ensemble with such a budget.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item get(@PathParam("ensemble") String ensemble) {
    return Item.of(router.budget(ensemble));
  }

  /** Begins one anew. */
  @POST
  @Path("/{ensemble}/reset")
  @Operation(
      operationId = "resetBudget",
      summary = "Begins a budget anew",
      description = "What is owed is forgiven, and half an hour's worth is there.")
  @APIResponse(responseCode = "200", description = "The budget as it is now.")
  @APIResponse(responseCode = "404", description = "There is no ensemble with such a budget.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Item reset(
      @PathParam("ensemble") String ensemble,
      @HeaderParam("X-Tutti-User") @Parameter(description = ApiDoc.USER) String user) {
    return Item.of(router.reset(ensemble, Parameters.author(user)));
  }

  /** Tells who began it anew. */
  @GET
  @Path("/{ensemble}/resets")
  @Operation(
      operationId = "listBudgetResets",
      summary = "Tells who began a budget anew, the newest first, at most 100")
  @APIResponse(responseCode = "200", description = "The list, whole.")
  @APIResponse(responseCode = "404", description = "There is no ensemble with such a budget.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public Page<ResetItem> resets(@PathParam("ensemble") String ensemble) {
    return new Page<>(router.resets(ensemble).stream().map(ResetItem::of).toList(), null);
  }
}
