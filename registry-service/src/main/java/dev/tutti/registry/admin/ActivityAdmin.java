package dev.tutti.registry.admin;

import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the platform does, and how it does. All methods block, and throw {@link RefusedException}
 * with what a service answers.
 */
@ApplicationScoped
public class ActivityAdmin {

  /** Most jobs of a state that are counted. */
  public static final int MOST_JOBS = 100;

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Services services;
  private final JobAdmin jobs;

  ActivityAdmin(Services services, JobAdmin jobs) {
    this.services = services;
    this.jobs = jobs;
  }

  /**
   * How the platform stands.
   *
   * @param ready by service, whether it says that it serves; those that do not answer are missing
   * @param away services that do not answer, and why
   * @param router how a replica of it stands; empty where none answers
   * @param queued jobs that wait, {@value #MOST_JOBS} at most; empty, as the next two, where the
   *     registry's own cannot be told
   * @param running jobs that run, as many at most
   * @param failed the last jobs that failed, as many at most
   */
  public record Platform(
      Map<String, Boolean> ready,
      List<Missing> away,
      Optional<GetStandingResponse> router,
      Optional<List<JobOf>> queued,
      Optional<List<JobOf>> running,
      Optional<List<JobOf>> failed) {}

  /**
   * What was asked of late.
   *
   * @param ensemble only this, by its name or an alias; all where it is empty
   */
  public GetActivityResponse activity(ActivityPeriod period, String ensemble) {
    var request = GetActivityRequest.newBuilder().setPeriod(period).setEnsemble(ensemble).build();
    return services.ask(
        Services.ROUTER,
        WITHIN,
        ActivityServiceGrpc::newBlockingStub,
        stub -> stub.getActivity(request));
  }

  /** How the platform stands; whoever does not answer is told, and nothing fails. */
  public Platform platform() {
    Services.Answers<Boolean> health = services.each(services.names(), services::serves);
    Services.Answers<GetStandingResponse> router =
        services.each(
            List.of(Services.ROUTER),
            service ->
                services.ask(
                    service,
                    Services.QUICK,
                    ActivityServiceGrpc::newBlockingStub,
                    stub -> stub.getStanding(GetStandingRequest.getDefaultInstance())));
    return new Platform(
        health.answers(),
        health.unavailable(),
        Optional.ofNullable(router.answers().get(Services.ROUTER)),
        jobs(JobState.JOB_STATE_QUEUED),
        jobs(JobState.JOB_STATE_RUNNING),
        jobs(JobState.JOB_STATE_FAILED));
  }

  private Optional<List<JobOf>> jobs(JobState state) {
    try {
      return Optional.of(jobs.list(new JobAdmin.Wanted("", "", state), Map.of(), MOST_JOBS).jobs());
    } catch (FailureException e) {
      return Optional.empty();
    }
  }
}
