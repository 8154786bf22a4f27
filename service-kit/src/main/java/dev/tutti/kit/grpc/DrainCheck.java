package dev.tutti.kit.grpc;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not ready from the moment on at which the service stops. */
@Readiness
@ApplicationScoped
class DrainCheck implements HealthCheck {

  private final Drain drain;

  DrainCheck(Drain drain) {
    this.drain = drain;
  }

  @Override
  public HealthCheckResponse call() {
    boolean stopping = drain.isStopping();
    var response = HealthCheckResponse.named("calls").status(!stopping);
    if (stopping) {
      response.withData("state", "stopping").withData("live", drain.live());
    }
    return response.build();
  }
}
