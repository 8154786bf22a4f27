package dev.tutti.router.api.health;

import dev.tutti.learning.database.DatabaseWatch;
import dev.tutti.router.decision.DecisionLog;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Always ready: no answer needs the database. Degraded while decisions wait for it. */
@Readiness
@ApplicationScoped
class DatabaseCheck implements HealthCheck {

  private final DecisionLog decisions;
  private final DatabaseWatch database;

  DatabaseCheck(DecisionLog decisions, DatabaseWatch database) {
    this.decisions = decisions;
    this.database = database;
  }

  @Override
  public HealthCheckResponse call() {
    DecisionLog.State state = decisions.state();
    boolean answers = database.state().answers();
    boolean connected = state.connected() && answers;
    Instant since = answers ? state.since() : database.state().since();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("database")
            .up()
            .withData("state", connected ? "connected" : "degraded")
            .withData("since", since.toString())
            .withData("decisions_waiting", decisions.waiting());
    if (!connected) {
      response.withData(
          "reason",
          "Decisions wait in memory: "
              + (answers ? state.error() : "the database does not answer."));
    }
    return response.build();
  }
}
