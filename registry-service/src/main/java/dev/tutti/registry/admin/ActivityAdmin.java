package dev.tutti.registry.admin;

import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.neighbour.MethodListing.Missing;
import dev.tutti.registry.neighbour.Services;
import dev.tutti.router.v1.ActivityPeriod;
import dev.tutti.router.v1.ActivityServiceGrpc;
import dev.tutti.router.v1.GetActivityRequest;
import dev.tutti.router.v1.GetActivityResponse;
import dev.tutti.router.v1.GetLeaderboardRequest;
import dev.tutti.router.v1.GetLeaderboardResponse;
import dev.tutti.router.v1.GetStandingRequest;
import dev.tutti.router.v1.GetStandingResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.AbstractStub;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

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
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

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
   * @param decoder how its models stand; empty where it does not answer
   * @param queued jobs that wait, {@value #MOST_JOBS} at most; empty, as the next two, where the
   *     registry's own cannot be told
   * @param running jobs that run, as many at most
   * @param failed the last jobs that failed, as many at most
   */
  public record Platform(
      Map<String, Boolean> ready,
      List<Missing> away,
      Optional<GetStandingResponse> router,
      Optional<dev.tutti.decoder.v1.GetStandingResponse> decoder,
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

  /**
   * How members compare by feedback.
   *
   * @param ensemble only feedback on this, by its name or an alias; all where it is empty
   * @param domain only feedback that tells this; all where it is empty
   * @param days of the history; 0 for the usual ones
   */
  public GetLeaderboardResponse leaderboard(String ensemble, String domain, int days) {
    var request =
        GetLeaderboardRequest.newBuilder()
            .setEnsemble(ensemble)
            .setDomain(domain)
            .setDays(days)
            .build();
    return services.ask(
        Services.ROUTER,
        WITHIN,
        ActivityServiceGrpc::newBlockingStub,
        stub -> stub.getLeaderboard(request));
  }

  /** How the platform stands; whoever does not answer is told, and nothing fails. */
  public Platform platform() {
    Future<Services.Answers<Boolean>> health =
        begin(() -> services.each(services.names(), services::serves));
    Future<Optional<GetStandingResponse>> router =
        begin(
            () ->
                asked(
                    Services.ROUTER,
                    ActivityServiceGrpc::newBlockingStub,
                    stub -> stub.getStanding(GetStandingRequest.getDefaultInstance())));
    Future<Optional<dev.tutti.decoder.v1.GetStandingResponse>> decoder =
        begin(
            () ->
                asked(
                    Services.DECODER,
                    DecoderServiceGrpc::newBlockingStub,
                    stub ->
                        stub.getStanding(
                            dev.tutti.decoder.v1.GetStandingRequest.getDefaultInstance())));
    var queued = begin(() -> jobs(JobState.JOB_STATE_QUEUED));
    var running = begin(() -> jobs(JobState.JOB_STATE_RUNNING));
    var failed = begin(() -> jobs(JobState.JOB_STATE_FAILED));
    return new Platform(
        end(health).answers(),
        end(health).unavailable(),
        end(router),
        end(decoder),
        end(queued),
        end(running),
        end(failed));
  }

  private <T> Future<T> begin(Callable<T> question) {
    return threads.submit(
        io.opentelemetry.context.Context.current().wrap(Context.current().wrap(question)));
  }

  private static <T> T end(Future<T> question) {
    try {
      return question.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException fault) {
        throw fault;
      }
      throw new IllegalStateException("A fault while asking how it stands", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking how it stands", e);
    }
  }

  /** Nothing of a service that is away, or of a build that cannot tell. */
  private <S extends AbstractStub<S>, T> Optional<T> asked(
      String service, Function<Channel, S> stub, Function<S, T> question) {
    try {
      return Optional.of(services.ask(service, Services.QUICK, stub, question));
    } catch (RefusedException e) {
      if (e.refusal() instanceof Refusal.NotOffered
          || (e.refusal() instanceof Refusal.OfService of && of.away())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<List<JobOf>> jobs(JobState state) {
    try {
      return Optional.of(jobs.list(new JobAdmin.Wanted("", "", state), Map.of(), MOST_JOBS).jobs());
    } catch (FailureException e) {
      return Optional.empty();
    }
  }
}
