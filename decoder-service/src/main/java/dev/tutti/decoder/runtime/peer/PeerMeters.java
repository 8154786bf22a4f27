package dev.tutti.decoder.runtime.peer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;

/** What is counted of another decoder, at /q/metrics. Thread-safe. */
final class PeerMeters {

  private static final String PREFIX = "tutti.decoder.peer";

  private static final Duration[] BUCKETS =
      DoubleStream.of(.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4)
          .mapToObj(milliseconds -> Duration.ofNanos((long) (milliseconds * 1e6)))
          .toArray(Duration[]::new);

  /** How it failed. */
  enum Fault {
    /** It is away, or cut a call off. */
    UNREACHABLE,
    /** It said nothing for too long. */
    SILENT,
    /** It runs as many sessions as it may. */
    BUSY,
    /** It said what is no answer. */
    WRONG,
    /** It said that it failed. */
    FAILED
  }

  private final MeterRegistry registry;
  private final String peer;

  /** Of the decoder of this name. */
  PeerMeters(MeterRegistry registry, String peer) {
    this.registry = registry;
    this.peer = peer;
  }

  /** Shows whether there is a connection to it. */
  void watch(BooleanSupplier connected) {
    Gauge.builder(PREFIX + ".connected", () -> connected.getAsBoolean() ? 1 : 0)
        .description("Whether there is a connection to another decoder: 1, else 0")
        .tag("peer", peer)
        .strongReference(true)
        .register(registry);
  }

  /**
   * Counts what it answered.
   *
   * @param call {@code step} of a session; {@code generate}, {@code score}, {@code inspect}
   * @param start when it was asked, as {@link System#nanoTime} told it
   */
  void answered(String call, long start) {
    Timer.builder(PREFIX)
        .description("Time until another decoder had answered")
        .tags("peer", peer, "call", call)
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(Duration.ofNanos(System.nanoTime() - start));
  }

  /** Counts a failure. */
  void failed(Fault fault) {
    Counter.builder(PREFIX + ".errors")
        .description("Calls and sessions that another decoder failed, by kind")
        .tags("peer", peer, "kind", fault.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }
}
