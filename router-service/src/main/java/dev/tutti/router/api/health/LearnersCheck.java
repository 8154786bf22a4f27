package dev.tutti.router.api.health;

import dev.tutti.router.feedback.Learners;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Always ready: who has not learned yet answers all the same. Degraded while learning stands still.
 */
@Readiness
@ApplicationScoped
class LearnersCheck implements HealthCheck {

  private final Learners learners;

  LearnersCheck(Learners learners) {
    this.learners = learners;
  }

  @Override
  public HealthCheckResponse call() {
    Learners.State state = learners.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("learners")
            .up()
            .withData("state", state.connected() ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("ensembles", learners.served())
            .withData("with_feedback", learners.known())
            .withData("feedback_waiting", state.backlog());
    if (!state.connected()) {
      response.withData("reason", "No feedback is taken or learned: " + state.error());
    }
    return response.build();
  }
}
