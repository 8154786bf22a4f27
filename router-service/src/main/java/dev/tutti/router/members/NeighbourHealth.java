package dev.tutti.router.members;

import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthGrpc.HealthBlockingStub;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Whether the services that answer are there. Each is asked for its health every two seconds and
 * has two to tell it: one that hangs keeps its connections. {@code
 * tutti_router_neighbour_reachable} says it by service.
 */
@ApplicationScoped
public class NeighbourHealth {

  private static final Logger LOG = Logger.getLogger(NeighbourHealth.class);
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @GrpcClient("decoder")
  Channel decoder;

  @GrpcClient("fusion")
  Channel fusion;

  @GrpcClient("cascade")
  Channel cascade;

  private final Map<String, String> away = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  void start(@Observes StartupEvent event, MeterRegistry meters) {
    Map.of("decoder", decoder, "fusion", fusion, "cascade", cascade)
        .forEach(
            (service, channel) -> {
              Gauge.builder(
                      "tutti.router.neighbour.reachable", away, a -> a.containsKey(service) ? 0 : 1)
                  .description("Whether the service told that it serves, the last time asked")
                  .tag("service", service)
                  .register(meters);
              var stub = HealthGrpc.newBlockingStub(channel);
              threads.add(
                  Thread.ofVirtual().name("health-" + service).start(() -> follow(service, stub)));
            });
  }

  void stop(@Observes ShutdownEvent event) {
    threads.forEach(Thread::interrupt);
  }

  /** The services that do not answer, {@code decoder} for one, and why; empty where all do. */
  public SortedMap<String, String> away() {
    return new TreeMap<>(away);
  }

  private void follow(String service, HealthBlockingStub stub) {
    // All of a platform start at once.
    boolean seen = false;
    try {
      while (true) {
        String why = ask(stub);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        if (why.isEmpty()) {
          seen = true;
          if (away.remove(service) != null) {
            LOG.infof("%s-service serves again", service);
          }
        } else if (away.put(service, why) == null) {
          LOG.logf(seen ? Logger.Level.WARN : Logger.Level.INFO, "%s-service %s", service, why);
        }
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException e) {
      LOG.debugf("%s is asked no more", service);
    }
  }

  /** Why it does not serve; empty where it does. */
  private static String ask(HealthBlockingStub stub) {
    try {
      ServingStatus status =
          stub.withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus();
      return status == ServingStatus.SERVING ? "" : "is starting or stopping";
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        // It answers, if not this.
        case UNIMPLEMENTED, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED -> "";
        case DEADLINE_EXCEEDED -> "does not answer within %d s".formatted(PATIENCE.toSeconds());
        default -> "is out of reach";
      };
    }
  }
}
