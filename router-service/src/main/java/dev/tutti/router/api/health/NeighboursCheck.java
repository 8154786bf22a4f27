package dev.tutti.router.api.health;

import dev.tutti.router.members.Answerable;
import dev.tutti.router.members.KnownNames;
import dev.tutti.router.members.NeighbourHealth;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Always ready: what needs no service that is away is answered. Degraded while one is, and says
 * which names cannot be answered.
 */
@Readiness
@ApplicationScoped
class NeighboursCheck implements HealthCheck {

  /** Of the names that are told; their number is told in any case. */
  private static final int MOST_NAMES = 50;

  private final NeighbourHealth neighbours;
  private final KnownNames names;

  NeighboursCheck(NeighbourHealth neighbours, KnownNames names) {
    this.neighbours = neighbours;
    this.names = names;
  }

  @Override
  public HealthCheckResponse call() {
    SortedMap<String, String> away = neighbours.away();
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("neighbours")
            .up()
            .withData("state", away.isEmpty() ? "connected" : "degraded");
    if (!away.isEmpty()) {
      List<String> unanswered =
          names.directory().map(d -> Answerable.not(d, away.keySet())).orElse(List.of());
      response
          .withData(
              "reason",
              away.entrySet().stream()
                      .map(e -> "%s-service %s".formatted(e.getKey(), e.getValue()))
                      .collect(Collectors.joining("; ", "", "."))
                  + " %d names cannot be answered.".formatted(unanswered.size()))
          .withData(
              "cannot_answer",
              unanswered.stream().limit(MOST_NAMES).collect(Collectors.joining(", ")));
    }
    return response.build();
  }
}
