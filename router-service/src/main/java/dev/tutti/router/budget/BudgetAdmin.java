package dev.tutti.router.budget;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/** How budgets of a day stand, and beginning one anew. Reads the database, on no request's path. */
@ApplicationScoped
public class BudgetAdmin {

  private static final Logger LOG = Logger.getLogger(BudgetAdmin.class);

  private final KnownNames names;
  private final Budgets budgets;
  private final BudgetLedger ledger;

  BudgetAdmin(KnownNames names, Budgets budgets, BudgetLedger ledger) {
    this.names = names;
    this.budgets = budgets;
    this.ledger = ledger;
  }

  /**
   * How the budget of an ensemble stands.
   *
   * @param usdPerDay US dollars that may be spent in any 24 hours
   * @param leftUsd US dollars that the ledger keeps; negative where it is in debt
   * @param heldUsd US dollars that this replica has taken ahead
   * @param untilSomethingIsLeft how long nothing can be spent
   */
  public record Standing(
      String ensemble,
      double usdPerDay,
      double leftUsd,
      double heldUsd,
      Duration untilSomethingIsLeft) {}

  /**
   * A reset of a ledger.
   *
   * @param number grows with each
   * @param balanceBefore US dollars that it had; negative where it was in debt
   * @param balanceAfter US dollars that it has since
   * @param author who did it
   * @param at when
   */
  public record Change(
      long number,
      String ensemble,
      double balanceBefore,
      double balanceAfter,
      String author,
      Instant at) {}

  /**
   * How every budget of a day stands, by the name of its ensemble.
   *
   * @throws FailureException ({@link Failure.Unavailable}) when the database is away
   */
  public List<Standing> standings() {
    return budgets.limited().stream().map(this::standing).toList();
  }

  /**
   * How a budget stands.
   *
   * @param name of the ensemble, or an alias
   * @throws FailureException ({@link Failure.NotFound}) where it has none; ({@link
   *     Failure.Unavailable}) when the database is away
   */
  public Standing standing(String name) {
    return standing(require(name));
  }

  private Standing standing(Recipe recipe) {
    return asked(() -> budgets.exchange(recipe));
  }

  /**
   * Begins a budget anew, with all that is ever kept: whatever is owed is forgiven.
   *
   * @param name of the ensemble, or an alias
   * @param author who does it
   * @throws FailureException as {@link #standing}
   */
  public Standing reset(String name, String author) {
    Recipe recipe = require(name);
    return asked(
        () -> {
          // What this replica owes goes first: else it would owe it afterwards.
          budgets.exchange(recipe);
          double before =
              ledger.reset(
                  recipe.getEnsemble(), new BudgetPace(recipe.getBudget().getUsdPerDay()), author);
          LOG.infof(
              "%s reset the budget of '%s', which had %s USD",
              author, recipe.getEnsemble(), before);
          return budgets.exchange(recipe);
        });
  }

  /**
   * The newest resets of a budget, newest first.
   *
   * @param name of the ensemble, or an alias
   * @param most of them
   * @throws FailureException as {@link #standing}
   */
  public List<Change> changes(String name, int most) {
    Recipe recipe = require(name);
    return asked(() -> ledger.changes(recipe.getEnsemble(), most));
  }

  private interface Asked<T> {
    T get() throws SQLException;
  }

  private static <T> T asked(Asked<T> ledger) {
    try {
      return ledger.get();
    } catch (SQLException e) {
      throw new FailureException(
          new Failure.Unavailable(
              "DATABASE_UNREACHABLE", "The budget is in the database, which is out of reach."),
          e);
    }
  }

  private Recipe require(String name) {
    String own = names.own(name);
    return budgets.limited().stream()
        .filter(recipe -> recipe.getEnsemble().equals(own))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure.NotFound(
                        "ensemble",
                        "BUDGET_NOT_FOUND",
                        "There is no ensemble '%s' with a budget of a day (usd_per_day)."
                            .formatted(name))
                    .exception());
  }
}
