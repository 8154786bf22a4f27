package dev.tutti.router.api.admin;

import dev.tutti.router.api.openai.QueryParameters;
import dev.tutti.router.budget.BudgetAdmin;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;

/** What ensembles with a budget of a day may still spend. Ours: OpenAI has no such thing. */
@Path("/v1/budgets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class BudgetResource {

  private static final int MOST_CHANGES = 100;

  private final BudgetAdmin budgets;

  BudgetResource(BudgetAdmin budgets) {
    this.budgets = budgets;
  }

  /**
   * A budget.
   *
   * @param left_usd what the ledger keeps; negative where it is in debt
   * @param held_usd what this replica has taken ahead
   * @param seconds_until_left how long nothing can be spent; 0 where something can
   */
  public record Shown(
      String object,
      String ensemble,
      double usd_per_day,
      double left_usd,
      double held_usd,
      double seconds_until_left) {

    static Shown of(BudgetAdmin.Standing standing) {
      return new Shown(
          "budget",
          standing.ensemble(),
          standing.usdPerDay(),
          standing.leftUsd(),
          standing.heldUsd(),
          standing.untilSomethingIsLeft().toMillis() / 1e3);
    }
  }

  /** All. */
  public record All(String object, List<Shown> data) {}

  /** Who began a budget anew, and when. */
  public record Change(
      String object,
      long number,
      String ensemble,
      double before_usd,
      double after_usd,
      String author,
      Instant time) {

    static Change of(BudgetAdmin.Change change) {
      return new Change(
          "budget.reset",
          change.number(),
          change.ensemble(),
          change.balanceBefore(),
          change.balanceAfter(),
          change.author(),
          change.at());
    }
  }

  /** Changes, newest first. */
  public record Changes(String object, List<Change> data) {}

  /** Every ensemble that has a budget of a day. */
  @GET
  public All list(@Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return new All(
        "list", budgets.ensembles().stream().map(budgets::standing).map(Shown::of).toList());
  }

  /** One. */
  @GET
  @Path("{ensemble}")
  public Shown find(@PathParam("ensemble") String ensemble, @Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return Shown.of(budgets.standing(ensemble));
  }

  /** Begins it anew: what is owed is forgiven, and half an hour's worth is there. */
  @POST
  @Path("{ensemble}/reset")
  public Shown reset(
      @PathParam("ensemble") String ensemble,
      @HeaderParam(Caller.HEADER) String user,
      @Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return Shown.of(budgets.reset(ensemble, Caller.author(user)));
  }

  /** The last hundred resets. */
  @GET
  @Path("{ensemble}/changes")
  public Changes changes(@PathParam("ensemble") String ensemble, @Context UriInfo uri) {
    QueryParameters.requireKnown(uri);
    return new Changes(
        "list", budgets.changes(ensemble, MOST_CHANGES).stream().map(Change::of).toList());
  }
}
