package dev.tutti.kit.grpc;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.stream.Stream;

/** What holds for the meters of every service. */
final class MeterRules {

  private static final double[] BUCKETS =
      Stream.of(
              "PT0.001S",
              "PT0.005S",
              "PT0.02S",
              "PT0.05S",
              "PT0.1S",
              "PT0.25S",
              "PT0.5S",
              "PT1S",
              "PT2S",
              "PT5S",
              "PT10S",
              "PT30S",
              "PT1M",
              "PT2M",
              "PT5M",
              "PT10M")
          .mapToDouble(text -> Duration.parse(text).toNanos())
          .toArray();

  private MeterRules() {}

  /** Every latency of ours has buckets, 1 ms to 10 min unless it has its own. */
  @Produces
  @Singleton
  static MeterFilter buckets() {
    return new MeterFilter() {
      @Override
      public DistributionStatisticConfig configure(
          Meter.Id id, DistributionStatisticConfig config) {
        double[] own = config.getServiceLevelObjectiveBoundaries();
        if (id.getType() != Meter.Type.TIMER
            || !id.getName().startsWith("tutti")
            || (own != null && own.length > 0)) {
          return config;
        }
        return DistributionStatisticConfig.builder()
            .serviceLevelObjectives(BUCKETS)
            .build()
            .merge(config);
      }
    };
  }

  /**
   * Vert.x has one such gauge, without a label, for both HTTP servers of a service: the second is
   * refused with a warning, and the number is that of one of them.
   */
  @Produces
  @Singleton
  static MeterFilter noConnectionsOfOneServer() {
    return MeterFilter.denyNameStartsWith("http.server.active.connections");
  }
}
