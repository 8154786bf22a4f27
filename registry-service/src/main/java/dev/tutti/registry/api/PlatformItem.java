package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How the platform stands. */
@Schema(name = "Platform", description = "How the platform stands: who is healthy, what waits.")
public record PlatformItem(
    @Schema(description = "The five, in a fixed order.") List<ServiceItem> services,
    @Schema(description = "Whether the front door and this REST ask for keys.") DoorItem doors,
    @Schema(description = "What waits.") WaitingItem waiting) {

  /** A service. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ServiceStanding", description = "How a service stands.")
  public record ServiceItem(
      @Schema(description = "Its name.", examples = "router-service") String service,
      @Schema(
              description = "ready, degraded or away.",
              enumeration = {"ready", "degraded", "away"})
          String state,
      @Schema(description = "Why it is not ready; absent where it is.") String reason) {

    /** Whether nothing is wrong. */
    public boolean ready() {
      return state.equals("ready");
    }
  }

  /** Who may come in. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Doors", description = "Who may come in.")
  public record DoorItem(
      @Schema(
              description =
                  "Whether the front door asks for keys; absent where the router is away.")
          Boolean frontDoorKeys,
      @Schema(description = "Whether the admin REST asks for keys.") boolean adminKeys) {}

  /** What waits. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Waiting", description = "What waits. What a service that is away has is missing.")
  public record WaitingItem(
      @Schema(
              description =
                  "Jobs that run, up to 100; absent, as the next two, where the registry's database is away.")
          Integer jobsRunning,
      @Schema(description = "Jobs that wait, up to 100.") Integer jobsQueued,
      @Schema(description = "Jobs that failed within the last day, up to 100.") Integer jobsFailed,
      @Schema(
              description =
                  "Pieces of feedback that were not learned from yet; absent where the router is away.")
          Long feedback,
      @Schema(
              description =
                  "Decisions that wait for the router's database; absent where the router is away.")
          Integer decisions,
      @Schema(
              description =
                  "Names that nobody can answer now, at most 50; absent where the router is away.")
          List<String> unanswered,
      @Schema(description = "How many there are; absent where the router is away.")
          Integer unansweredCount) {}
}
