package dev.tutti.registry.api;

import com.google.protobuf.util.Timestamps;
import dev.tutti.registry.admin.ActivityAdmin;
import dev.tutti.registry.admin.ActivityAdmin.Platform;
import dev.tutti.registry.admin.JobAdmin;
import dev.tutti.registry.admin.JobOf;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.registry.watch.SnapshotFeed;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.GetStandingResponse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** REST of what the platform does, and how it does. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "activity", description = "What was asked of late, and how the platform stands.")
public class ActivityResource {

  private static final Duration LATELY = Duration.ofDays(1);

  private final ActivityAdmin activity;
  private final AdminDoor door;
  private final SnapshotFeed feed;

  ActivityResource(ActivityAdmin activity, AdminDoor door, SnapshotFeed feed) {
    this.activity = activity;
    this.door = door;
    this.feed = feed;
  }

  /** Tells what was asked. */
  @GET
  @Path("/activity")
  @Operation(
      operationId = "getActivity",
      summary =
          "Tells requests, failures, tokens, money and latency, in steps of time and by ensemble",
      description =
          "Money saved is told against asking always the dearest member of each ensemble. A member that answered the question as it was asked"
              + " costs what that did, in the mean; everybody else costs its prices by the tokens of the answer that was given. A cascade says itself"
              + " what it avoided. Models that were asked by themselves, several answers, and failures are not compared.")
  @APIResponse(responseCode = "200", description = "The figures.")
  @APIResponse(responseCode = "400", description = "A wrong period or name.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public ActivityItem activity(
      @QueryParam("period")
          @Parameter(
              description =
                  "hour (steps of five minutes), day (of an hour; the usual one), week (of six hours) or month (of a day).")
          String period,
      @QueryParam("ensemble")
          @Parameter(description = "Only this ensemble, or this model by itself; or an alias.")
          String ensemble) {
    return ActivityItem.of(
        activity.activity(
            Parameters.word("period", period, ActivityPeriod.class)
                .orElse(ActivityPeriod.ACTIVITY_PERIOD_DAY),
            Parameters.name("ensemble", ensemble)));
  }

  /** Tells how members compare. */
  @GET
  @Path("/leaderboard")
  @Operation(
      operationId = "getLeaderboard",
      summary =
          "Tells how members compare by feedback, what learning ensembles know, and how much was said")
  @APIResponse(responseCode = "200", description = "The board.")
  @APIResponse(responseCode = "400", description = "A wrong name, or days out of bounds.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public LeaderboardItem leaderboard(
      @QueryParam("ensemble")
          @Parameter(
              description = "Only feedback on this ensemble, or this model by itself; or an alias.")
          String ensemble,
      @QueryParam("domain") @Parameter(description = "Only feedback that tells this domain.")
          String domain,
      @QueryParam("days") @Parameter(description = "Days of the history, 1 to 366; usually 30.")
          String days) {
    return LeaderboardItem.of(
        activity.leaderboard(
            Parameters.name("ensemble", ensemble),
            Parameters.text("domain", domain),
            days == null ? 0 : Parameters.positive("days", days)));
  }

  /** Tells how the platform stands. */
  @GET
  @Path("/platform")
  @Operation(
      operationId = "getPlatform",
      summary = "Tells which services are healthy, whether keys are asked for, and what waits")
  @APIResponse(responseCode = "200", description = "How it stands; a service that is away is told.")
  @APIResponse(responseCode = "503", description = ApiDoc.UNAVAILABLE)
  public PlatformItem platform() {
    Platform its = activity.platform();
    Optional<GetStandingResponse> router = its.router();
    return new PlatformItem(
        services(its),
        its.decoder()
            .map(ActivityResource::models)
            .orElse(new PlatformItem.ModelsItem(null, null, null, null)),
        new PlatformItem.DoorItem(
            router.map(GetStandingResponse::getKeysRequired).orElse(null), door.isLocked()),
        new PlatformItem.WaitingItem(
            its.running().map(List::size).orElse(null),
            its.queued().map(List::size).orElse(null),
            its.failed()
                .map(jobs -> (int) jobs.stream().filter(ActivityResource::isLate).count())
                .orElse(null),
            router.map(GetStandingResponse::getFeedbackWaiting).orElse(null),
            router.map(GetStandingResponse::getDecisionsWaiting).orElse(null),
            router.<List<String>>map(r -> List.copyOf(r.getCannotAnswerList())).orElse(null),
            router.map(GetStandingResponse::getCannotAnswerInAll).orElse(null)));
  }

  private static PlatformItem.ModelsItem models(dev.tutti.decoder.v1.GetStandingResponse its) {
    return new PlatformItem.ModelsItem(
        its.getEndpointsList().stream()
            .map(
                e ->
                    new PlatformItem.EndpointItem(
                        e.getModel(),
                        e.getPlace(),
                        e.getFailing()
                            ? "failing"
                            : e.getSecondsLeftAlone() > 0 ? "resting" : "ready",
                        e.getSecondsLeftAlone(),
                        e.getCalls()))
            .toList(),
        its.getEndpointsInAll(),
        its.getEndpointsAway(),
        its.getFailedList().stream()
            .map(m -> new PlatformItem.UnloadedItem(m.getModel(), m.getReason()))
            .toList());
  }

  private List<PlatformItem.ServiceItem> services(Platform its) {
    var all = new ArrayList<PlatformItem.ServiceItem>();
    SnapshotFeed.Database database = feed.database();
    all.add(
        item(
            JobAdmin.OWN,
            database.reachable() ? "" : "Its database does not answer: " + database.error()));
    Map<String, String> away =
        its.away().stream().collect(Collectors.toMap(Missing::service, Missing::reason));
    for (String service :
        List.of(Services.ROUTER, Services.DECODER, Services.FUSION, Services.CASCADE)) {
      if (away.containsKey(service)) {
        all.add(new PlatformItem.ServiceItem(service, "away", away.get(service)));
      } else if (!its.ready().getOrDefault(service, true)) {
        all.add(item(service, "It says that it does not serve."));
      } else if (service.equals(Services.ROUTER)) {
        all.add(item(service, its.router().map(ActivityResource::wrong).orElse("")));
      } else {
        all.add(item(service, ""));
      }
    }
    return all;
  }

  private static PlatformItem.ServiceItem item(String service, String wrong) {
    return wrong.isEmpty()
        ? new PlatformItem.ServiceItem(service, "ready", null)
        : new PlatformItem.ServiceItem(service, "degraded", wrong);
  }

  /** What is wrong with a router that answers. */
  private static String wrong(GetStandingResponse router) {
    var wrong = new ArrayList<String>();
    if (!router.getRegistryConnected()) {
      wrong.add("Changes of the registry do not arrive.");
    }
    if (!router.getDatabaseFailure().isEmpty()) {
      wrong.add("Decisions wait for its database: %s.".formatted(router.getDatabaseFailure()));
    }
    if (!router.getLearningFailure().isEmpty()) {
      wrong.add("No feedback is learned: %s.".formatted(router.getLearningFailure()));
    }
    new TreeMap<>(router.getAwayMap())
        .forEach(
            (service, why) -> wrong.add("It finds that %s-service %s.".formatted(service, why)));
    return String.join(" ", wrong);
  }

  private static boolean isLate(JobOf its) {
    return Timestamps.toMillis(its.job().getEndedAt()) > Instant.now().minus(LATELY).toEpochMilli();
  }
}
