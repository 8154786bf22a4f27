package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How the platform stands. */
@Schema(name = "Platform", description = "How the platform stands: who is healthy, what waits.")
public record PlatformItem(
    @Schema(description = "The five, in a fixed order.") List<ServiceItem> services,
    @Schema(description = "The models that are behind endpoints, or could not be loaded.")
        ModelsItem models,
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

  /** How models stand. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(
      name = "ModelsStanding",
      description = "How models stand; fields are absent where the decoder is away.")
  public record ModelsItem(
      @Schema(description = "Endpoints of served models, those left alone first, at most 200.")
          List<EndpointItem> endpoints,
      @Schema(description = "How many there are.") Integer endpointsInAll,
      @Schema(description = "How many of them are left alone.") Integer endpointsAway,
      @Schema(description = "Models that could not be loaded, at most 200.")
          List<UnloadedItem> failed) {}

  /** An endpoint. */
  @Schema(
      name = "EndpointStanding",
      description = "How an endpoint stands, as far as its calls told: nobody asks it for this.")
  public record EndpointItem(
      @Schema(description = "The model.") String model,
      @Schema(description = "Its place among the model's endpoints, from 1.") int place,
      @Schema(
              description =
                  "ready, failing (too often: it is left alone) or resting (it asked to be left alone).",
              enumeration = {"ready", "failing", "resting"})
          String state,
      @Schema(description = "How long it is left alone still; 0 where it may be called.")
          double secondsLeftAlone,
      @Schema(description = "Calls that wait or run.") int calls) {}

  /** A model that could not be loaded. */
  @Schema(name = "UnloadedModel", description = "A model that could not be loaded.")
  public record UnloadedItem(
      @Schema(description = "Its name.") String model,
      @Schema(description = "Why.") String reason) {}

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
