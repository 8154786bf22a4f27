package dev.tutti.kit.connection;

import io.quarkus.runtime.configuration.MemorySize;
import java.time.Duration;
import org.eclipse.microprofile.config.Config;

/**
 * What a server puts up with.
 *
 * @param headerTimeout from the first byte of a request to the end of its headers; more than zero
 * @param bodyRate bytes a second that a body brings at least, on average over {@link #window}; more
 *     than zero
 * @param idleTimeout how long a connection may carry no request; more than zero
 * @param unreadTimeout how long a client may leave an answer unread while more of it waits; more
 *     than zero
 * @param connections that one port has open at once; at least 1
 */
public record ConnectionLimits(
    Duration headerTimeout,
    long bodyRate,
    Duration idleTimeout,
    Duration unreadTimeout,
    int connections) {

  /** Checks them. */
  public ConnectionLimits {
    positive("tutti.connections.header-timeout", headerTimeout);
    positive("tutti.connections.idle-timeout", idleTimeout);
    positive("tutti.connections.unread-timeout", unreadTimeout);
    atLeastOne("tutti.connections.body-rate", bodyRate);
    atLeastOne("tutti.connections.limit", connections);
  }

  /** As the settings {@code tutti.connections.*} say; all of them have a default in this module. */
  static ConnectionLimits of(Config config) {
    return new ConnectionLimits(
        config.getValue("tutti.connections.header-timeout", Duration.class),
        config.getValue("tutti.connections.body-rate", MemorySize.class).asLongValue(),
        config.getValue("tutti.connections.idle-timeout", Duration.class),
        config.getValue("tutti.connections.unread-timeout", Duration.class),
        config.getValue("tutti.connections.limit", Integer.class));
  }

  /**
   * Over which the rate of a body is held against {@link #bodyRate}: as long as headers may take.
   */
  Duration window() {
    return headerTimeout;
  }

  /** Bytes that a body brings in one {@link #window} at least; at least 1. */
  long bytesPerWindow() {
    return Math.max(1, Math.ceilDiv(bodyRate * window().toMillis(), 1_000L));
  }

  private static void positive(String setting, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(
          "%s is %s; it takes a time above zero, such as 10s.".formatted(setting, value));
    }
  }

  private static void atLeastOne(String setting, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s is %d; it takes a number of at least 1.".formatted(setting, value));
    }
  }
}
