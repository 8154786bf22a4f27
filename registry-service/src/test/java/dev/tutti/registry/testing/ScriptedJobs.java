package dev.tutti.registry.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import dev.tutti.job.v1.CancelRequest;
import dev.tutti.job.v1.CancelResponse;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.GetResponse;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The jobs of a service, all of kind fit: one for each of the given seconds, the newest first. */
final class ScriptedJobs extends JobServiceGrpc.JobServiceImplBase {

  private static final String EVALUATED =
      """
      {"ensemble": "<script>alert(1)</script>", "usd_weight": 10,
       "policy": {"fitted": {"method": "coin", "version": 2, "settings": {"tilt": 0.5}}}}""";

  private static final String EARNED =
      """
      {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z", "decisions": 1200, "effective_sample_size": 321.5,
       "unusable_ratings": 3, "policy_unknown": 4, "truncated": true, "logged": {"mean": 0.5, "low": 0.45, "high": 0.55},
       "ips": {"mean": 0.61, "low": 0.5, "high": 0.72}, "snips": {"mean": 0.6, "low": 0.52, "high": 0.68},
       "gain": {"mean": 0.1, "low": 0.02, "high": 0.18}, "best_member": "<img src=x>",
       "best_member_snips": {"mean": 0.58, "low": 0.5, "high": 0.66}}""";

  private final boolean evaluates;
  private final List<Integer> seconds;
  private final Semaphore lists;

  /**
   * Some jobs.
   *
   * @param evaluates whether there is an evaluation too, for those who ask for that kind
   * @param lists gets a permit for every list that was asked for
   */
  ScriptedJobs(boolean evaluates, List<Integer> seconds, Semaphore lists) {
    this.evaluates = evaluates;
    this.seconds = seconds;
    this.lists = lists;
  }

  private static Job job(int second) {
    return Job.newBuilder()
        .setId("fit-" + second)
        .setKind("fit")
        .setParameters(Struct.getDefaultInstance())
        .setState(state(second))
        .setAuthor("bob")
        .setCreatedAt(Timestamps.fromSeconds(second))
        .setUpdatedAt(Timestamps.fromSeconds(second))
        .build();
  }

  /** The first one still runs. */
  private static JobState state(int second) {
    if (second == 1) {
      return JobState.JOB_STATE_RUNNING;
    }
    return second % 2 == 0 ? JobState.JOB_STATE_SUCCEEDED : JobState.JOB_STATE_FAILED;
  }

  /** What {@link ScriptedLearning} started is done. */
  private static Job started(String id) {
    boolean fit = id.equals("started-fit");
    return job(2).toBuilder()
        .setId(id)
        .setKind(id.substring("started-".length()))
        .setParameters(json(fit ? "{\"dataset\": \"sums\"}" : EVALUATED))
        .setResult(json(fit ? "{\"artifact\": \"org/Fit\", \"version\": 2}" : EARNED))
        .build();
  }

  private static Struct json(String text) {
    try {
      Struct.Builder struct = Struct.newBuilder();
      JsonFormat.parser().merge(text, struct);
      return struct.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private Job find(String id) {
    if (id.startsWith("started-")) {
      return started(id);
    }
    return seconds.stream()
        .map(ScriptedJobs::job)
        .filter(job -> job.getId().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new Failure.NotFound("id", "JOB_NOT_FOUND", "There is no job '%s'.".formatted(id))
                    .exception());
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          if (evaluates && request.getKind().equals("evaluate")) {
            return ListResponse.newBuilder()
                .addJobs(started("started-evaluate"))
                .addTokensAfter("1")
                .build();
          }
          if (!request.getKind().isEmpty() && !request.getKind().equals("fit")) {
            throw Failure.invalid("kind", "There are no such jobs; there are: fit.");
          }
          int below =
              request.getPageToken().isEmpty()
                  ? Integer.MAX_VALUE
                  : Integer.parseInt(request.getPageToken());
          List<Job> left =
              seconds.stream()
                  .filter(second -> second < below)
                  .map(ScriptedJobs::job)
                  .filter(
                      job ->
                          request.getState() == JobState.JOB_STATE_UNSPECIFIED
                              || job.getState() == request.getState())
                  .toList();
          int size = Math.min(request.getPageSize(), left.size());
          var response = ListResponse.newBuilder().addAllJobs(left.subList(0, size));
          response
              .getJobsList()
              .forEach(job -> response.addTokensAfter(job.getId().substring("fit-".length())));
          if (size < left.size()) {
            response.setNextPageToken(response.getTokensAfter(size - 1));
          }
          lists.release();
          return response.build();
        });
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> observer) {
    ServerCalls.unary(
        observer, () -> GetResponse.newBuilder().setJob(find(request.getId())).build());
  }

  @Override
  public void cancel(CancelRequest request, StreamObserver<CancelResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            CancelResponse.newBuilder()
                .setJob(find(request.getId()).toBuilder().setCancelRequested(true))
                .build());
  }
}
