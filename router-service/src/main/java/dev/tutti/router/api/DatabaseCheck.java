package dev.tutti.router.api;

import dev.tutti.router.decision.DecisionLog;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Always ready: no answer needs the database. Degraded while decisions wait for it. */
@Readiness
@ApplicationScoped
class DatabaseCheck implements HealthCheck {

  private final DecisionLog decisions;

  DatabaseCheck(DecisionLog decisions) {
    this.decisions = decisions;
  }

  @Override
  public HealthCheckResponse call() {
    DecisionLog.State state = decisions.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("database")
            .up()
            .withData("state", state.connected() ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("decisions_waiting", decisions.waiting());
    if (!state.connected()) {
      response.withData("reason", "Decisions wait in memory: " + state.error());
    }
    return response.build();
  }
}
