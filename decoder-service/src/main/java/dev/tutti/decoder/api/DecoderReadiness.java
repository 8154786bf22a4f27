package dev.tutti.decoder.api;

import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.kit.grpc.RegistryWatch;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while it can answer, which it can without the registry: then the data says {@code
 * degraded}, since when and why. Models that could not be loaded are listed with the reason.
 */
@Readiness
@ApplicationScoped
class DecoderReadiness implements HealthCheck {

  private final KnownModels models;
  private final ModelPool pool;

  DecoderReadiness(KnownModels models, ModelPool pool) {
    this.models = models;
    this.pool = pool;
  }

  @Override
  public HealthCheckResponse call() {
    RegistryWatch.State state = models.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("decoder")
            .up()
            .withData("registry", state.connected() ? "connected" : "degraded")
            .withData("registry.since", state.since().toString())
            .withData("registry.revision", state.revision())
            .withData("models.loaded", pool.loaded());
    if (!state.connected()) {
      response.withData("registry.reason", state.error());
    }
    pool.failed().forEach((name, why) -> response.withData("failed." + name, why));
    return response.build();
  }
}
