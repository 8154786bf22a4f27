package dev.tutti.router.budget;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.members.Directory;
import dev.tutti.router.members.Entry;
import dev.tutti.router.members.KnownNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jboss.logging.Logger;

/**
 * What ensembles may spend a day ({@code budget.usd_per_day}), over all replicas. A thread of its
 * own takes money from the ledger in the database before it is needed, so that no request waits for
 * it; with the database away a replica spends what it has taken. Each replica overspends by one
 * request at most, and makes up for it; where calls cost more than was expected, by that too.
 */
@ApplicationScoped
public class Budgets {

  private static final Logger LOG = Logger.getLogger(Budgets.class);
  private static final Duration EVERY = Duration.ofMillis(500);

  private static final Duration LONGEST_RETRY = Duration.ofHours(1);

  private final KnownNames names;
  private final BudgetLedger ledger;
  private final DecisionLog decisions;
  private final MeterRegistry meters;
  private final ConcurrentMap<String, Account> accounts = new ConcurrentHashMap<>();
  private final Thread refill = Thread.ofVirtual().name("budgets").unstarted(this::run);
  private volatile boolean stopping;
  private boolean failing;

  Budgets(KnownNames names, BudgetLedger ledger, DecisionLog decisions, MeterRegistry meters) {
    this.names = names;
    this.ledger = ledger;
    this.decisions = decisions;
    this.meters = meters;
  }

  void start(@Observes StartupEvent event) {
    refill.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stopping = true;
    refill.interrupt();
    refill.join(Duration.ofSeconds(5));
  }

  /**
   * The account of an ensemble; empty where nothing limits what it spends a day, and for a recipe
   * of a name that is not registered.
   */
  public Optional<Account> account(Recipe recipe) {
    return recipe.getBudget().hasUsdPerDay()
            && recipe.getVersion() > 0
            && names.directory().flatMap(d -> d.find(recipe.getEnsemble())).isPresent()
        ? Optional.of(account(recipe.getEnsemble()))
        : Optional.empty();
  }

  /**
   * That a request is not granted.
   *
   * @param usd what it is expected to cost at least
   */
  public static Failure exhausted(Recipe recipe, Account account, double usd) {
    if (!account.known()) {
      return new Failure.Unavailable(
          "BUDGET_UNKNOWN",
          "What '%s' may spend is not known yet: the database has not told."
              .formatted(recipe.getEnsemble()));
    }
    var pace = new BudgetPace(recipe.getBudget().getUsdPerDay());
    double days = (usd - account.left()) / pace.rate();
    // Something may have been paid in meanwhile.
    var retry =
        Duration.ofMillis((long) Math.clamp(days * 86_400_000, 0, LONGEST_RETRY.toMillis()));
    return new Failure.ResourceExhausted(
        "BUDGET_EXHAUSTED",
        "'%s' has spent what it may for now: its budget is %s US dollars a day, paid out evenly."
            .formatted(recipe.getEnsemble(), recipe.getBudget().getUsdPerDay()),
        retry);
  }

  private Account account(String ensemble) {
    return accounts.computeIfAbsent(
        ensemble,
        name -> {
          var account = new Account();
          Gauge.builder("tutti.router.budget.left.usd", account, Account::left)
              .description("US dollars that an ensemble may spend now; below 0 is owed")
              .tag("name", name)
              .register(meters);
          return account;
        });
  }

  private void run() {
    while (!stopping) {
      exchangeAll(true);
      try {
        Thread.sleep(EVERY);
      } catch (InterruptedException e) {
        break;
      }
    }
    // The interrupt is spent by now: what was not is given back.
    exchangeAll(false);
  }

  private void exchangeAll(boolean take) {
    if (!decisions.state().connected()) {
      return;
    }
    for (Recipe recipe : limited()) {
      try {
        exchange(recipe, account(recipe.getEnsemble()), take);
        failing = false;
      } catch (SQLException | RuntimeException | Error e) {
        // Errors too: without this thread nobody is ever paid again.
        if (!failing) {
          LOG.warnf("Budgets cannot be read: %s", e.getMessage());
        }
        failing = true;
        return;
      }
    }
  }

  private List<Recipe> limited() {
    return names.directory().map(Directory::served).orElse(List.of()).stream()
        .flatMap(
            entry ->
                switch (entry) {
                  case Entry.Routed routed -> Optional.of(routed.recipe()).stream();
                  case Entry.Elsewhere elsewhere -> Optional.of(elsewhere.recipe()).stream();
                  case Entry.Single _, Entry.Unserved _ -> Optional.<Recipe>empty().stream();
                })
        .filter(recipe -> recipe.getBudget().hasUsdPerDay())
        .toList();
  }

  private void exchange(Recipe recipe, Account account, boolean take) throws SQLException {
    var pace = new BudgetPace(recipe.getBudget().getUsdPerDay());
    double most = pace.held();
    double left = account.left();
    double debt = take ? Math.max(0, -left) : -left;
    double wanted = take && left < most / 2 ? most - Math.max(0, left) : 0;
    if (debt == 0 && wanted == 0 && account.known()) {
      return;
    }
    account.pay(debt + ledger.exchange(recipe.getEnsemble(), pace, debt, wanted));
  }
}
