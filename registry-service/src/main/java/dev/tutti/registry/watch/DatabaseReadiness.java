package dev.tutti.registry.watch;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready is who can register: the database answered when it was asked last. */
@Readiness
@ApplicationScoped
public class DatabaseReadiness implements HealthCheck {

  private final SnapshotFeed feed;
  private final DatabaseWatch watch;

  DatabaseReadiness(SnapshotFeed feed, DatabaseWatch watch) {
    this.feed = feed;
    this.watch = watch;
  }

  @Override
  public HealthCheckResponse call() {
    SnapshotFeed.Database database = feed.database();
    boolean answers = watch.state().answers();
    var response =
        HealthCheckResponse.named("database")
            .status(database.reachable() && answers)
            .withData("since", (answers ? database.since() : watch.state().since()).toString())
            .withData("revision", feed.now().getRevision());
    if (!answers) {
      response.withData("error", "The database does not answer.");
    } else if (!database.reachable()) {
      response.withData("error", database.error());
    }
    return response.build();
  }
}
