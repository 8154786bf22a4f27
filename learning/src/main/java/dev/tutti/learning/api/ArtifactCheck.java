package dev.tutti.learning.api;

import dev.tutti.learning.artifact.LiveArtifacts;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once it is known which artifacts are active, or that the database cannot tell: ensembles
 * that stand on one would be refused before. Degraded while changes do not arrive.
 */
@Readiness
@ApplicationScoped
class ArtifactCheck implements HealthCheck {

  private final LiveArtifacts<?> artifacts;

  ArtifactCheck(LiveArtifacts<?> artifacts) {
    this.artifacts = artifacts;
  }

  @Override
  public HealthCheckResponse call() {
    LiveArtifacts.State state = artifacts.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("artifacts")
            .status(state.tried())
            .withData("state", state.connected() ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("in_memory", artifacts.count());
    if (!state.connected()) {
      response.withData("reason", state.error());
    }
    return response.build();
  }
}
