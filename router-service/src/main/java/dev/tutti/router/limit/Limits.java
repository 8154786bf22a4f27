package dev.tutti.router.limit;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.BudgetWindow;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.access.Caller;
import dev.tutti.router.access.KeyReports;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What keys may use: requests and tokens a minute, US dollars a day and a month, over all replicas
 * ({@link Meter}). Windows are those of the clock, UTC. Most requests wait for nobody; the first of
 * a window, and one that would be refused, wait for the ledger, for {@code
 * tutti.router.budgets.longest-look} at most.
 */
@ApplicationScoped
public class Limits {

  private static final Logger LOG = Logger.getLogger(Limits.class);
  private static final Duration LAST_WAIT = Duration.ofSeconds(3);

  private final Ledger ledger;
  private final Duration longestLook;
  private final LongSupplier nanos;
  private final Consumer<BudgetWarning> warned;
  private final ConcurrentMap<String, Map<LimitKind, Meter>> meters = new ConcurrentHashMap<>();
  private final ConcurrentMap<Meter, Future<?>> looks = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Inject
  Limits(
      LimitLedger ledger,
      KeyReports reports,
      @ConfigProperty(name = "tutti.router.budgets.longest-look") Duration longestLook) {
    this(ledger, longestLook, System::nanoTime, reports::warn);
  }

  /**
   * The same.
   *
   * @param warned gets what a key has spent, once and again, where somebody wants to hear of it
   */
  Limits(Ledger ledger, Duration longestLook, LongSupplier nanos, Consumer<BudgetWarning> warned) {
    this.ledger = ledger;
    this.longestLook = longestLook;
    this.nanos = nanos;
    this.warned = warned;
  }

  /**
   * Lets a request of who asks begin, if nothing of its key is used up.
   *
   * @param tokens that it is expected to use, at least 0
   * @param usd US dollars that it is expected to cost, at least 0
   * @return to be settled once it is known what it did use
   * @throws FailureException ({@link Failure.ResourceExhausted}) where something is
   */
  public Admission admit(double tokens, double usd) {
    Optional<ApiKey> key = Caller.current().key();
    var taken = new ArrayList<Admission.Part>();
    if (key.isPresent()) {
      for (LimitKind kind : LimitKind.values()) {
        Optional<LimitKind.Bounds> bounds = kind.of(key.get());
        if (bounds.isPresent()) {
          double amount = kind.amount(tokens, usd);
          Meter meter = meter(key.get().getId(), kind);
          Meter.Taken its = take(meter, bounds.get(), amount);
          if (its == null) {
            // Nothing of the others is used.
            new Admission(this, List.copyOf(taken)).settle(0, 0, 0);
            throw exhausted(key.get(), kind, bounds.get(), meter).exception();
          }
          taken.add(new Admission.Part(kind, bounds.get(), meter, its));
        }
      }
    }
    return new Admission(this, List.copyOf(taken));
  }

  /** What whoever asks is to be warned of, by what is known now; empty where of nothing. */
  public Optional<String> warning() {
    return Caller.current()
        .key()
        .flatMap(
            key -> {
              for (LimitKind kind : LimitKind.values()) {
                Optional<LimitKind.Bounds> bounds = kind.of(key);
                if (bounds.isPresent() && bounds.get().soft().isPresent()) {
                  double soft = bounds.get().soft().getAsDouble();
                  Meter meter = meter(key.getId(), kind);
                  if (!meter.isKnown()) {
                    look(meter, bounds.get());
                  }
                  double used = meter.used();
                  if (used >= soft) {
                    return Optional.of(
                        "%s US dollars of this %s are spent or set aside; the warning is set at %s"
                            .formatted(usd(used), kind.window(), usd(soft)));
                  }
                }
              }
              return Optional.empty();
            });
  }

  /** Of keys that are revoked nothing is counted any more. */
  void follow(@Observes Snapshot snapshot) {
    Set<String> keys =
        snapshot.getKeysList().stream().map(ApiKey::getId).collect(Collectors.toSet());
    meters.keySet().retainAll(keys);
  }

  /** What this replica holds goes back, so that those after it have it. */
  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    var last = new ArrayList<Callable<Void>>();
    meters.values().stream()
        .flatMap(its -> its.values().stream())
        .forEach(its -> last.add(() -> close(its)));
    threads.invokeAll(last, LAST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Void close(Meter meter) {
    try {
      meter.close();
    } catch (SQLException | RuntimeException e) {
      LOG.debugf("A share of a limit is not given back: %s", e.getMessage());
    }
    return null;
  }

  private Meter.Taken take(Meter meter, LimitKind.Bounds bounds, double amount) {
    Meter.Taken taken = meter.take(amount);
    // The first may be one that began before this request came.
    for (int looks = 0; taken == null && looks < 2 && meter.isWorthALook(); looks++) {
      look(meter, bounds);
      taken = meter.take(amount);
    }
    balance(meter, bounds);
    return taken;
  }

  /** Has the ledger asked before it must be. */
  void balance(Meter meter, LimitKind.Bounds bounds) {
    if (meter.isOff(bounds)) {
      looking(meter, bounds);
    }
    if (bounds.soft().isPresent()) {
      warn(meter, bounds.soft().getAsDouble());
    }
  }

  private void warn(Meter meter, double soft) {
    double used = meter.used();
    if (used >= soft) {
      Window window = meter.kind().window();
      Instant begin = window.beganOf(Instant.now(), meter.untilNext());
      warned.accept(
          BudgetWarning.newBuilder()
              .setKey(meter.key())
              .setWindow(
                  window == Window.DAY
                      ? BudgetWindow.BUDGET_WINDOW_DAY
                      : BudgetWindow.BUDGET_WINDOW_MONTH)
              .setBegin(Timestamps.fromMillis(begin.toEpochMilli()))
              .setUsedUsd(used)
              .setSoftUsd(soft)
              .build());
    }
  }

  /** Waits for the ledger; where it does not answer in time, this replica counts by itself. */
  private void look(Meter meter, LimitKind.Bounds bounds) {
    try {
      looking(meter, bounds).get(longestLook.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } catch (TimeoutException e) {
      meter.alone(bounds);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A limit could not be looked at", e.getCause());
    }
  }

  /** Asks the ledger; whoever comes meanwhile waits for the same answer. */
  private Future<?> looking(Meter meter, LimitKind.Bounds bounds) {
    return looks.computeIfAbsent(
        meter,
        its ->
            threads.submit(
                () -> {
                  try {
                    its.exchange(bounds);
                  } finally {
                    looks.remove(its);
                  }
                }));
  }

  private Meter meter(String key, LimitKind kind) {
    return meters
        .computeIfAbsent(
            key,
            id -> {
              var its = new EnumMap<LimitKind, Meter>(LimitKind.class);
              for (LimitKind each : LimitKind.values()) {
                its.put(each, new Meter(id, each, ledger, nanos));
              }
              return its;
            })
        .get(kind);
  }

  private static Failure exhausted(
      ApiKey key, LimitKind kind, LimitKind.Bounds bounds, Meter meter) {
    return new Failure.ResourceExhausted(
        kind.reason(),
        "Key %s has used the %s that it may in a %s: %s."
            .formatted(
                key.getId(),
                kind.unit(),
                kind.window(),
                kind == LimitKind.REQUESTS || kind == LimitKind.TOKENS
                    ? Long.toString((long) bounds.most())
                    : usd(bounds.most())),
        meter.untilNext());
  }

  /** An answer may cost millionths: four digits from the first on that is none, no exponent. */
  private static String usd(double amount) {
    return BigDecimal.valueOf(amount)
        .round(new MathContext(4))
        .stripTrailingZeros()
        .toPlainString();
  }
}
