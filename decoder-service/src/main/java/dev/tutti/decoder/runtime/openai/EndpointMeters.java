package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Failure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What is counted of one endpoint of a registered model. Its series are labelled by the model and
 * the endpoint's host and port, and are gone when the registration is. Thread-safe.
 */
final class EndpointMeters {

  private static final String PREFIX = "tutti.decoder.endpoint";
  private static final Duration[] BUCKETS =
      Stream.of(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer calls;
  private final Counter requests;
  private final Counter prompt;
  private final Counter completion;
  private boolean retired;

  /**
   * Begins to count.
   *
   * @param model as the registry calls it
   * @param endpoint host and port, and what tells it from others there: nothing that could be a
   *     secret
   */
  EndpointMeters(MeterRegistry registry, String model, String endpoint) {
    this.registry = registry;
    this.tags = Tags.of("model", model, "endpoint", endpoint);
    this.calls =
        Timer.builder(PREFIX)
            .description("Time until an endpoint's answer was whole, or failed")
            .tags(tags)
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    this.requests =
        Counter.builder(PREFIX + ".requests")
            .description("Requests that an endpoint was sent")
            .tags(tags)
            .register(registry);
    this.prompt = tokens("prompt");
    this.completion = tokens("completion");
  }

  /** Of an endpoint that is only looked at: nothing is kept. */
  static EndpointMeters none() {
    return new EndpointMeters(new CompositeMeterRegistry(), "none", "none");
  }

  private Counter tokens(String kind) {
    return Counter.builder(PREFIX + ".tokens")
        .description("Tokens that an endpoint read (prompt) and wrote (completion)")
        .tags(tags)
        .tag("kind", kind)
        .register(registry);
  }

  /** Shows whether its circuit is open. */
  void watch(BooleanSupplier open) {
    Gauge.builder(PREFIX + ".open", () -> open.getAsBoolean() ? 1 : 0)
        .description("Whether an endpoint failed too often and is left alone: 1, else 0")
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** Counts a call of the endpoint. */
  <T> T counted(Supplier<T> call) {
    requests.increment();
    long start = System.nanoTime();
    try {
      return call.get();
    } catch (EndpointException e) {
      failed(kind(e.failure()));
      throw e;
    } finally {
      calls.record(Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /** Counts tokens. */
  void used(long promptTokens, long completionTokens) {
    prompt.increment(promptTokens);
    completion.increment(completionTokens);
  }

  private synchronized void failed(String kind) {
    if (!retired) {
      Counter.builder(PREFIX + ".errors")
          .description("Requests that an endpoint did not answer as it should, by kind")
          .tags(tags)
          .tag("kind", kind)
          .register(registry)
          .increment();
    }
  }

  /** A handful of kinds, whatever words endpoints have for their errors. */
  private static String kind(Failure failure) {
    return switch (failure) {
      case Failure.InvalidArgument _ -> "refused";
      case Failure.NotFound _, Failure.FailedPrecondition _ -> "registration";
      case Failure.ResourceExhausted _ -> "busy";
      case Failure.Unavailable f -> f.reason().equals("ENDPOINT_RESTING") ? "open" : "failed";
      case Failure.DeadlineExceeded f ->
          f.reason().equals("ENDPOINT_SILENT") ? "silent" : "caller_late";
      case Failure.Unauthenticated _, Failure.PermissionDenied _, Failure.Internal _ -> "fault";
      case Failure.Cancelled _ -> "caller_left";
    };
  }

  /** Takes its series away: the endpoint is not registered any more. */
  synchronized void retire() {
    retired = true;
    List<Meter> its =
        registry.getMeters().stream()
            .filter(meter -> meter.getId().getName().startsWith(PREFIX))
            .filter(meter -> meter.getId().getTags().containsAll(tags.stream().toList()))
            .toList();
    its.forEach(registry::remove);
  }
}
