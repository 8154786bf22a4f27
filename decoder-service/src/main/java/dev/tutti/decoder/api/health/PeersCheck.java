package dev.tutti.decoder.api.health;

import dev.tutti.decoder.runtime.peer.Peers;
import io.grpc.ConnectivityState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.SortedMap;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * How the connections to other decoders are. Always ready: what this one holds answers without
 * them. Degraded while one is out of reach; one that nobody has asked for is not looked for.
 */
@Readiness
@ApplicationScoped
class PeersCheck implements HealthCheck {

  private final Peers peers;

  PeersCheck(Peers peers) {
    this.peers = peers;
  }

  @Override
  public HealthCheckResponse call() {
    SortedMap<String, ConnectivityState> connections = peers.connections();
    HealthCheckResponseBuilder response = HealthCheckResponse.named("decoders").up();
    connections.forEach((name, state) -> response.withData("connection." + name, shown(state)));
    var away =
        connections.keySet().stream()
            .filter(name -> connections.get(name) == ConnectivityState.TRANSIENT_FAILURE)
            .toList();
    if (!away.isEmpty()) {
      response
          .withData("state", "degraded")
          .withData("reason", "Other decoders are out of reach: " + String.join(", ", away));
    }
    return response.build();
  }

  private static String shown(ConnectivityState state) {
    return switch (state) {
      case READY -> "connected";
      case CONNECTING -> "connecting";
      case IDLE -> "not asked for";
      case TRANSIENT_FAILURE -> "out of reach";
      case SHUTDOWN -> "closed";
    };
  }
}
