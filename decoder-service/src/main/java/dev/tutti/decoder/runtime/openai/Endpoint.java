package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/**
 * One base URL of a model, and how it does: a circuit breaker, a bulkhead, the calls that run, and
 * until when it wants to be left alone. Thread-safe.
 */
final class Endpoint {

  private final String base;
  private final String place;
  private final String shown;
  private final Guard bulkhead;
  private final Guard breaker;
  private final Duration breakerDelay;
  private final RefusedFields refused;
  private final EndpointMeters meters;
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile CircuitBreakerState state = CircuitBreakerState.CLOSED;
  private volatile long openedAt;
  private final Rest rest = new Rest(System::nanoTime);

  /** Something to do at an endpoint. */
  @FunctionalInterface
  interface Attempt<T> {
    T at(Endpoint endpoint);
  }

  /**
   * An endpoint.
   *
   * @param shown as its callers may know it, to begin a sentence with: never where it is
   */
  Endpoint(String base, String shown, EndpointConfig config, EndpointMeters meters) {
    this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    this.place = URI.create(this.base).getScheme() + "://" + host(this.base);
    this.shown = shown;
    this.meters = meters;
    this.refused = new RefusedFields(config.refusalsKept(), System::nanoTime);
    this.breakerDelay = config.breakerDelay();
    this.breaker =
        Guard.create()
            .withDescription(base)
            .withCircuitBreaker()
            .requestVolumeThreshold(config.breakerCalls())
            .failureRatio(0.5)
            .delay(config.breakerDelay().toMillis(), ChronoUnit.MILLIS)
            .when(this::speaksAgainstIt)
            .onStateChange(this::changed)
            .done()
            .build();
    this.bulkhead =
        Guard.create()
            .withDescription(base)
            .withBulkhead()
            .limit(config.maxConcurrent())
            .queueSize(config.maxQueued())
            .enableSynchronousQueueing()
            .done()
            .build();
    meters.watch(this::isOpen);
  }

  /** Host and port of a base URL. */
  static String host(String base) {
    return URI.create(base).getRawAuthority().replaceFirst("^.*@", "");
  }

  /** Where a path below the base URL is. */
  URI url(String path) {
    return URI.create(base + path);
  }

  /** Where a path below the server's root is, as far as the base URL tells it. */
  URI rootUrl(String path) {
    return URI.create(base.replaceFirst("/v1$", "") + path);
  }

  /** Fields that it was found to refuse. */
  RefusedFields refused() {
    return refused;
  }

  /** As its callers may know it: of which model, and the how manieth. */
  String shown() {
    return shown;
  }

  /** Scheme, host and port, for nobody but this service and whoever runs it. */
  String place() {
    return place;
  }

  int outstanding() {
    return outstanding.get();
  }

  /** Whether it failed too often, and is not to be tried again yet. */
  boolean isOpen() {
    return state == CircuitBreakerState.OPEN
        && System.nanoTime() - openedAt < breakerDelay.toNanos();
  }

  /** How long it still wants to be left alone; zero or less where it does not. */
  Duration rest() {
    return rest.left();
  }

  /**
   * Does something here, within its bulkhead; what tells how it does is {@link #judged}.
   *
   * @throws EndpointException when it fails, or is not tried
   */
  @SuppressWarnings("unchecked")
  <T> T call(Attempt<T> attempt) {
    outstanding.incrementAndGet();
    try {
      return (T) bulkhead.get(() -> meters.counted(() -> attempt.at(this)), Object.class);
    } catch (EndpointException e) {
      if (e.rest().isPositive()) {
        rest.wish(e.rest());
      }
      throw e;
    } catch (BulkheadException e) {
      throw EndpointFailures.full(shown());
    } finally {
      outstanding.decrementAndGet();
    }
  }

  /**
   * Does the part of a call that tells whether it is well, within its breaker.
   *
   * @throws EndpointException when it fails, or is not tried
   */
  @SuppressWarnings("unchecked")
  <T> T judged(Supplier<T> part) {
    try {
      return (T) breaker.get(part::get, Object.class);
    } catch (CircuitBreakerOpenException e) {
      throw open();
    }
  }

  /** Counts tokens that it read and wrote. */
  void used(long promptTokens, long completionTokens) {
    meters.used(promptTokens, completionTokens);
  }

  /** It is not registered any more: nothing is told of it. */
  void retire() {
    meters.retire();
  }

  /** Counts a failure behind what was judged. */
  void failedLater(EndpointException failure) {
    try {
      judged(
          () -> {
            throw failure;
          });
    } catch (EndpointException e) {
      // Counted, or left alone already.
    }
  }

  /** A caller that leaves, or is out of time, says nothing: not enough to trust it again. */
  private boolean speaksAgainstIt(Throwable failure) {
    boolean trusted = state == CircuitBreakerState.CLOSED;
    return failure instanceof EndpointException e
        ? e.unwell() || (!trusted && e.failure() instanceof Failure.DeadlineExceeded)
        : !trusted;
  }

  /** When it is worth another call, as far as it is known; zero where it is at once. */
  Duration away() {
    long now = System.nanoTime();
    Duration open = isOpen() ? breakerDelay.minusNanos(now - openedAt) : Duration.ZERO;
    Duration wished = rest.wished();
    Duration longer = open.compareTo(wished) > 0 ? open : wished;
    return longer.isPositive() ? longer : Duration.ZERO;
  }

  /** Why it is not tried. */
  EndpointException notTried() {
    return isOpen() ? open() : resting();
  }

  private EndpointException open() {
    return EndpointException.busy(
        new Failure.Unavailable(
            "ENDPOINT_RESTING",
            "%s failed too often and is left alone for now.".formatted(shown()),
            atLeastAMoment(away())),
        false,
        Duration.ZERO);
  }

  private EndpointException resting() {
    Duration away = away();
    return EndpointException.busy(
        new Failure.ResourceExhausted(
            "ENDPOINT_RATE_LIMITED",
            "%s asked to be left alone.".formatted(shown()),
            atLeastAMoment(away)),
        false,
        away);
  }

  /** It may have passed meanwhile. */
  private static Duration atLeastAMoment(Duration rest) {
    return rest.isPositive() ? rest : Duration.ofMillis(1);
  }

  private void changed(CircuitBreakerState now) {
    openedAt = System.nanoTime();
    state = now;
  }
}
