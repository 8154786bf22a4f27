package dev.tutti.router.access;

import com.google.protobuf.util.Timestamps;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.KeyUse;
import dev.tutti.registry.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.tutti.registry.v1.TellUseRequest;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Tells the registry, beside the requests, when keys were used last, each at most once a minute,
 * and which have spent as much as somebody wants to hear of, each once in a day or month. What it
 * does not take is told again. Thread-safe.
 */
@ApplicationScoped
public class KeyReports {

  private static final Logger LOG = Logger.getLogger(KeyReports.class);
  private static final long AGAIN_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final Duration WITHIN = Duration.ofSeconds(5);
  private static final Duration LAST_WAIT = Duration.ofSeconds(1);
  private static final int MOST = 1_000;

  @GrpcClient("registry")
  RegistryServiceBlockingStub registry;

  private final Duration every;
  private final Map<String, Long> used = new ConcurrentHashMap<>();
  private final Map<String, Long> told = new HashMap<>();

  /** By key and window, of its present day or month. */
  private final Map<String, BudgetWarning> warned = new ConcurrentHashMap<>();

  private final Map<String, BudgetWarning> untold = new ConcurrentHashMap<>();
  private final Thread thread = Thread.ofVirtual().name("key-reports").unstarted(this::run);

  KeyReports(@ConfigProperty(name = "tutti.router.key-reports") Duration every) {
    this.every = every;
  }

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    thread.interrupt();
    thread.join(LAST_WAIT);
    told.clear();
    tell(LAST_WAIT);
  }

  /** A key has opened. */
  void used(String key) {
    used.put(key, System.currentTimeMillis());
  }

  /** A key has spent as much as somebody wants to hear of. */
  public void warn(BudgetWarning warning) {
    String place = warning.getKey() + " " + warning.getWindow();
    BudgetWarning before = warned.put(place, warning);
    if (before == null
        || !before.getBegin().equals(warning.getBegin())
        || before.getSoftUsd() != warning.getSoftUsd()) {
      untold.put(place, warning);
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(every);
        tell(WITHIN);
      }
    } catch (InterruptedException e) {
      LOG.debug("Keys are reported no more");
    }
  }

  private void tell(Duration within) {
    long now = System.currentTimeMillis();
    told.values().removeIf(its -> now - its >= AGAIN_MILLIS);
    var request = TellUseRequest.newBuilder();
    List<Map.Entry<String, Long>> uses =
        used.entrySet().stream()
            .filter(its -> !told.containsKey(its.getKey()))
            .map(its -> Map.entry(its.getKey(), its.getValue()))
            .limit(MOST)
            .toList();
    uses.forEach(
        its ->
            request.addUses(
                KeyUse.newBuilder()
                    .setKey(its.getKey())
                    .setLast(Timestamps.fromMillis(its.getValue()))));
    var warnings = new ArrayList<>(untold.entrySet()).stream().limit(MOST).toList();
    warnings.forEach(its -> request.addWarnings(its.getValue()));
    if (uses.isEmpty() && warnings.isEmpty()) {
      return;
    }
    try {
      registry.withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS).tellUse(request.build());
    } catch (StatusRuntimeException e) {
      LOG.debugf("The use of keys is told later: %s", e.getMessage());
      return;
    }
    uses.forEach(
        its -> {
          told.put(its.getKey(), now);
          used.remove(its.getKey(), its.getValue());
        });
    warnings.forEach(its -> untold.remove(its.getKey(), its.getValue()));
  }
}
