package dev.tutti.kit.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;

/** Counts connections that were ended for what their client did or did not do. */
final class EndedConnections {

  private EndedConnections() {}

  /**
   * Counts one as {@code tutti_connections_ended_total}.
   *
   * @param reason {@code limit}, {@code idle}, {@code headers}, {@code body}, {@code unread} or
   *     {@code framing}
   */
  static void count(String reason) {
    Counter.builder("tutti.connections.ended")
        .description("Connections that were ended since the client was slow, idle or wrong.")
        .tag("reason", reason)
        .register(Metrics.globalRegistry)
        .increment();
  }
}
