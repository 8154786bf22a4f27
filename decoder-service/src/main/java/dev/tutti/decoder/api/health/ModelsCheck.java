package dev.tutti.decoder.api.health;

import dev.tutti.decoder.runtime.ModelPool;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * How many models are in memory, and which could not be loaded and why; the others answer all the
 * same.
 */
@Readiness
@ApplicationScoped
class ModelsCheck implements HealthCheck {

  private final ModelPool pool;

  ModelsCheck(ModelPool pool) {
    this.pool = pool;
  }

  @Override
  public HealthCheckResponse call() {
    ModelPool.State state = pool.state();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("models")
            .up()
            .withData("loaded", state.loaded())
            .withData("bytes", state.bytes());
    state.failed().forEach((name, why) -> response.withData("failed." + name, why));
    return response.build();
  }
}
