package dev.tutti.kit.grpc;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
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

  /** Of what is served; OPTIONS is answered without being routed, at any path. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

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

  /** A client sends any method, to any path: those that nothing serves are one series a status. */
  @Produces
  @Singleton
  static MeterFilter servedMethods() {
    return new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        boolean served =
            !id.getName().equals("http.server.requests") || METHODS.contains(id.getTag("method"));
        return served
            ? id
            : id.withTag(Tag.of("method", "OTHER")).withTag(Tag.of("uri", "UNKNOWN"));
      }
    };
  }
}
