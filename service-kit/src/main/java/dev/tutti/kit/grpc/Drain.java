package dev.tutti.kit.grpc;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * How a service stops. First it is not ready, for {@value #DELAY}, so that whoever sends it calls
 * may notice; then it refuses new ones and waits for those that live, {@value #SETTING} at most;
 * what is left is cut. Only afterwards does anything else of the service end. {@code
 * tutti_calls_live} tells how many there are.
 *
 * <p>It works in Quarkus's phase before the stop: when {@code ShutdownEvent} comes, the HTTP server
 * is closed already.
 */
@Singleton
public final class Drain {

  /** Setting with the longest time that a stop waits for live calls. */
  public static final String SETTING = "tutti.shutdown.timeout";

  /** Setting with the time between not being ready and refusing calls. */
  public static final String DELAY = "tutti.shutdown.delay";

  /** Reason of the failure that a refused and a cut call get. */
  public static final String REASON = "SERVICE_STOPPING";

  /** When another replica, or this one anew, is worth a try. */
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** For what was cut to say so. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final Logger LOG = Logger.getLogger(Drain.class);

  private final String service;
  private final Duration longest;
  private final Duration delay;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<Live> live = new HashSet<>();
  private volatile boolean announced;
  private volatile boolean stopping;

  /**
   * Of a service that runs.
   *
   * @param service its name, for whoever is refused
   * @param longest wait for live calls; 0 for none
   * @param delay before new calls are refused; 0 for none
   */
  public Drain(
      @ConfigProperty(name = "quarkus.application.name") String service,
      @ConfigProperty(name = SETTING) Duration longest,
      @ConfigProperty(name = DELAY) Duration delay) {
    this.service = service;
    this.longest = longest;
    this.delay = delay;
  }

  void start(@Observes StartupEvent event, MeterRegistry meters) {
    Gauge.builder("tutti.calls.live", this, Drain::live)
        .description("Calls, of REST and gRPC, that are being answered")
        .register(meters);
  }

  void stop(@Observes ShutdownDelayInitiatedEvent event, GrpcHealthStorage health)
      throws InterruptedException {
    List.copyOf(health.getStatuses().keySet())
        .forEach(name -> health.setStatus(name, ServingStatus.NOT_SERVING));
    stop();
  }

  /** One call that is being answered, until it is closed. */
  public final class Live implements AutoCloseable {

    private Runnable onCut = () -> {};
    private boolean cut;

    private Live() {}

    /** Runs something once the stop does not wait for this call any longer. */
    public void whenCut(Runnable action) {
      boolean late;
      lock.lock();
      try {
        onCut = action;
        late = cut;
      } finally {
        lock.unlock();
      }
      if (late) {
        action.run();
      }
    }

    private void cut() {
      Runnable action;
      lock.lock();
      try {
        cut = true;
        action = onCut;
      } finally {
        lock.unlock();
      }
      action.run();
    }

    /** What its caller is to be told where the stop has ended it; empty where it has not. */
    public Optional<Failure> failure() {
      lock.lock();
      try {
        return cut ? Optional.of(Drain.this.cut()) : Optional.empty();
      } finally {
        lock.unlock();
      }
    }

    /** It is answered, or its caller has left. */
    @Override
    public void close() {
      lock.lock();
      try {
        if (live.remove(this) && live.isEmpty()) {
          ended.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** A new call; empty once the service stops: it is to be refused ({@link #refusal}). */
  public Optional<Live> begin() {
    return begin(false);
  }

  /** A call that an answer needs which was begun before; empty only where that is over too. */
  public Optional<Live> within() {
    return begin(true);
  }

  private Optional<Live> begin(boolean within) {
    lock.lock();
    try {
      if (stopping && !(within && !live.isEmpty())) {
        return Optional.empty();
      }
      var call = new Live();
      live.add(call);
      return Optional.of(call);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the service stops, or will after the delay. */
  public boolean isStopping() {
    return announced;
  }

  /** How many calls are being answered. */
  public int live() {
    lock.lock();
    try {
      return live.size();
    } finally {
      lock.unlock();
    }
  }

  /** What a new call gets once the service stops. */
  public Failure.Unavailable refusal() {
    return new Failure.Unavailable(
        REASON,
        "%s is stopping and takes no new requests; try again soon.".formatted(service),
        AGAIN);
  }

  private Failure cut() {
    return new Failure.Unavailable(
        REASON,
        "%s stopped before this was answered: it waits %s (%s) for what lives, no longer."
            .formatted(service, shown(longest), SETTING),
        AGAIN);
  }

  /** Takes no new calls, waits for those that live, and cuts what is left. */
  void stop() throws InterruptedException {
    announced = true;
    Thread.sleep(delay);
    List<Live> left;
    lock.lock();
    try {
      stopping = true;
      if (live.isEmpty()) {
        return;
      }
      LOG.infof(
          "%s stops: no new calls; %d live, for %s at most", service, live.size(), shown(longest));
      await(longest);
      left = List.copyOf(live);
    } finally {
      lock.unlock();
    }
    if (left.isEmpty()) {
      return;
    }
    LOG.warnf("%d calls are cut: they were not answered within %s", left.size(), shown(longest));
    left.forEach(Live::cut);
    lock.lock();
    try {
      await(LAST_WORDS);
    } finally {
      lock.unlock();
    }
  }

  private void await(Duration most) throws InterruptedException {
    long nanos = most.toNanos();
    while (!live.isEmpty() && nanos > 0) {
      nanos = ended.awaitNanos(nanos);
    }
  }

  private static String shown(Duration duration) {
    return duration.toMillis() % 1_000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
