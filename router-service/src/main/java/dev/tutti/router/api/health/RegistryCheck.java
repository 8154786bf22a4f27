package dev.tutti.router.api.health;

import dev.tutti.kit.grpc.RegistryWatch;
import dev.tutti.router.members.KnownNames;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready as soon as any snapshot of the registry is known; degraded, and ready all the same, while
 * changes do not arrive.
 */
@Readiness
@ApplicationScoped
class RegistryCheck implements HealthCheck {

  private final KnownNames names;

  RegistryCheck(KnownNames names) {
    this.names = names;
  }

  @Override
  public HealthCheckResponse call() {
    RegistryWatch.State state = names.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("registry")
            .status(names.directory().isPresent())
            .withData("state", state.connected() ? "connected" : "degraded")
            .withData("since", state.since().toString())
            .withData("revision", state.revision());
    if (!state.connected()) {
      response.withData("reason", "The registry is out of reach: " + state.error());
    }
    return response.build();
  }
}
