package dev.tutti.learning.api;

import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.learning.fit.Embedder;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready once it is known which artifacts are active, or that the database cannot tell: ensembles
 * that stand on one would be refused before. Degraded while changes do not arrive, and where an
 * artifact was fitted to other embeddings than the decoder makes now.
 */
@Readiness
@ApplicationScoped
class ArtifactCheck implements HealthCheck {

  private final LiveArtifacts<?> artifacts;
  private final Embedder embedder;

  ArtifactCheck(LiveArtifacts<?> artifacts, Embedder embedder) {
    this.artifacts = artifacts;
    this.embedder = embedder;
  }

  @Override
  public HealthCheckResponse call() {
    LiveArtifacts.State state = artifacts.state();
    List<String> others =
        embedder
            .last()
            .filter(model -> !model.sha256().isEmpty())
            .map(model -> artifacts.embeddedByAnother(model.sha256()))
            .orElse(List.of());
    boolean well = state.connected() && others.isEmpty();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("artifacts")
            .status(state.tried())
            .withData("state", well ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("in_memory", artifacts.count());
    if (!state.connected()) {
      response.withData("reason", state.error());
    }
    if (!others.isEmpty()) {
      response.withData("fitted_to_another_embedder", String.join(", ", others));
    }
    return response.build();
  }
}
