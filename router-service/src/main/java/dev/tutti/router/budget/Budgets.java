package dev.tutti.router.budget;

import dev.tutti.kit.grpc.CancelledException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What ensembles may spend a day ({@code budget.usd_per_day}), over all replicas. A thread of its
 * own takes money from the ledger in the database before it is needed, so that no request waits for
 * it but one that would be refused; with the database away a replica spends what it has taken. Each
 * replica overspends by one request at most, and makes up for it; where calls cost more than was
 * expected, by that too.
 */
@ApplicationScoped
public class Budgets {

  private static final Logger LOG = Logger.getLogger(Budgets.class);
  private static final Duration EVERY = Duration.ofMillis(500);

  private final KnownNames names;
  private final BudgetLedger ledger;
  private final DecisionLog decisions;
  private final MeterRegistry meters;
  private final Duration longestLook;
  private final ConcurrentMap<String, Account> accounts = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Future<?>> looks = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread refill = Thread.ofVirtual().name("budgets").unstarted(this::run);
  private volatile boolean stopping;
  private boolean failing;

  Budgets(
      KnownNames names,
      BudgetLedger ledger,
      DecisionLog decisions,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.router.budgets.longest-look") Duration longestLook) {
    this.names = names;
    this.ledger = ledger;
    this.decisions = decisions;
    this.meters = meters;
    this.longestLook = longestLook;
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
   * The account of an ensemble, as {@link #account}; where nothing is left in it, or nobody knows
   * yet, the ledger is looked at first, for {@code tutti.router.budgets.longest-look} at most.
   * While the ledger is in debt it is looked at once a second.
   */
  public Optional<Account> looked(Recipe recipe) {
    Optional<Account> account = account(recipe);
    account.filter(its -> !(its.left() > 0)).ifPresent(its -> look(recipe, its));
    return account;
  }

  /**
   * Takes what an answer is expected to cost.
   *
   * @param usd US dollars, at least 0
   * @throws dev.tutti.kit.grpc.FailureException where nothing is left
   */
  public Taken take(Recipe recipe, double usd) {
    Optional<Account> account = looked(recipe);
    if (account.isPresent() && (account.get().left() <= 0 || !account.get().take(usd))) {
      throw exhausted(recipe, account.get()).exception();
    }
    return new Taken(account, usd);
  }

  /** That a request is not granted. */
  public static Failure exhausted(Recipe recipe, Account account) {
    if (!account.known()) {
      return new Failure.Unavailable(
          "BUDGET_UNKNOWN",
          "What '%s' may spend is not known yet: the database has not told."
              .formatted(recipe.getEnsemble()));
    }
    var pace = new BudgetPace(recipe.getBudget().getUsdPerDay());
    return new Failure.ResourceExhausted(
        "BUDGET_EXHAUSTED",
        "'%s' has spent what it may for now: its budget is %s US dollars a day, paid out evenly."
            .formatted(recipe.getEnsemble(), recipe.getBudget().getUsdPerDay()),
        account.untilSomethingIsLeft(pace, System.nanoTime()));
  }

  private void look(Recipe recipe, Account account) {
    if (!decisions.state().connected() || !account.isWorthALook(System.nanoTime())) {
      return;
    }
    Future<?> look =
        looks.computeIfAbsent(
            recipe.getEnsemble(), name -> threads.submit(() -> look(name, recipe, account)));
    try {
      look.get(longestLook.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } catch (ExecutionException | TimeoutException e) {
      LOG.debugf(e, "The ledger of '%s' did not answer", recipe.getEnsemble());
    }
  }

  /** Asks the ledger; whoever comes meanwhile waits for the same answer. */
  private Void look(String ensemble, Recipe recipe, Account account) throws SQLException {
    try {
      exchange(recipe, account, true);
      return null;
    } finally {
      looks.remove(ensemble);
    }
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
        Account account = account(recipe.getEnsemble());
        if (needsLedger(recipe, account, take)) {
          exchange(recipe, account, take);
        }
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

  /** Recipes of ensembles that have a budget of a day, by name. */
  List<Recipe> limited() {
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

  /** Moves money between an ensemble's account and its ledger, and tells how they stand. */
  BudgetAdmin.Standing exchange(Recipe recipe) throws SQLException {
    return exchange(recipe, account(recipe.getEnsemble()), true);
  }

  /** One at a time for each account. */
  private BudgetAdmin.Standing exchange(Recipe recipe, Account account, boolean take)
      throws SQLException {
    synchronized (account.ledgerLock) {
      var pace = new BudgetPace(recipe.getBudget().getUsdPerDay());
      double most = pace.held();
      double settled = account.settled();
      double left = account.left();
      // What calls in flight may cost is borrowed as far as there is any, but never owed: a debt is
      // forgiven beyond a day's, and what they leave is given back.
      double debt = settled < 0 ? -settled : -Math.max(0, left - (take ? most : 0));
      double after = left + debt;
      double wanted = take && after < most / 2 ? most - after : 0;
      BudgetLedger.Exchanged exchanged = ledger.exchange(recipe.getEnsemble(), pace, debt, wanted);
      account.pay(debt + exchanged.given());
      long now = System.nanoTime();
      account.owes(Math.max(0, -exchanged.left()), now);
      return new BudgetAdmin.Standing(
          recipe.getEnsemble(),
          pace.usdPerDay(),
          exchanged.left(),
          account.left(),
          account.untilSomethingIsLeft(pace, now));
    }
  }

  /** Whether an account has too little, too much, or debt, and cannot be left alone. */
  private static boolean needsLedger(Recipe recipe, Account account, boolean take) {
    double left = account.left();
    double most = new BudgetPace(recipe.getBudget().getUsdPerDay()).held();
    return !account.known()
        || account.settled() < 0
        || (take ? left < most / 2 || left > most : left > 0);
  }
}
