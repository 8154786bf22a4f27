package dev.tutti.registry.watch;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready is who can register: the database answered the feed's last question. */
@Readiness
@ApplicationScoped
public class DatabaseReadiness implements HealthCheck {

  private final SnapshotFeed feed;

  DatabaseReadiness(SnapshotFeed feed) {
    this.feed = feed;
  }

  @Override
  public HealthCheckResponse call() {
    SnapshotFeed.Database database = feed.database();
    var response =
        HealthCheckResponse.named("database")
            .status(database.reachable())
            .withData("since", database.since().toString())
            .withData("revision", feed.now().getRevision());
    if (!database.reachable()) {
      response.withData("error", database.error());
    }
    return response.build();
  }
}
