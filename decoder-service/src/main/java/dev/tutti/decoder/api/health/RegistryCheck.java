package dev.tutti.decoder.api.health;

import dev.tutti.decoder.wiring.KnownModels;
import dev.tutti.kit.grpc.RegistryWatch;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Always ready: known models answer without the registry, and the registry itself needs this
 * service to inspect new ones. Degraded while changes do not arrive.
 */
@Readiness
@ApplicationScoped
class RegistryCheck implements HealthCheck {

  private final KnownModels models;

  RegistryCheck(KnownModels models) {
    this.models = models;
  }

  @Override
  public HealthCheckResponse call() {
    RegistryWatch.State state = models.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("registry")
            .up()
            .withData("state", state.connected() ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("revision", state.revision());
    if (!state.connected()) {
      response.withData("reason", "The registry is out of reach: " + state.error());
    }
    return response.build();
  }
}
