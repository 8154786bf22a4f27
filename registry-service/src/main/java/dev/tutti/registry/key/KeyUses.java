package dev.tutti.registry.key;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * When keys were used last for this service's own REST and pages: noted beside the request, once a
 * minute each.
 */
@ApplicationScoped
public class KeyUses {

  private static final Logger LOG = Logger.getLogger(KeyUses.class);
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final KeyStore keys;
  private final Map<String, Instant> noted = new ConcurrentHashMap<>();

  KeyUses(KeyStore keys) {
    this.keys = keys;
  }

  /** A key has opened. */
  public void note(String id) {
    Instant now = Instant.now();
    Instant kept = noted.merge(id, now, (old, its) -> old.plus(AGAIN).isAfter(its) ? old : its);
    if (kept == now) {
      Thread.ofVirtual().name("key-use").start(() -> write(id, now));
    }
  }

  private void write(String id, Instant at) {
    try {
      keys.used(Map.of(id, at));
    } catch (SQLException e) {
      noted.remove(id, at);
      LOG.debugf("The use of key %s is not noted: %s", id, e.getMessage());
    }
  }
}
