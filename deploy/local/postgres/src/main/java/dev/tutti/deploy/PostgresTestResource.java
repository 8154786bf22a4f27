package dev.tutti.deploy;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** An empty PostgreSQL for the tests of a service, on a free port. */
public final class PostgresTestResource implements QuarkusTestResourceLifecycleManager {

  private SecuredPostgres server;

  @Override
  public Map<String, String> start() {
    try {
      server = SecuredPostgres.startEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL does not start", e);
    }
    return Map.of("quarkus.datasource.jdbc.url", server.url());
  }

  @Override
  public void stop() {
    try {
      if (server != null) {
        server.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL does not stop", e);
    }
  }
}
