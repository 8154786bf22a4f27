package dev.tutti.registry.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
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

  private final List<Integer> seconds;
  private final Semaphore lists;

  /** With a permit for every list that was asked for. */
  ScriptedJobs(List<Integer> seconds, Semaphore lists) {
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
    Struct.Builder result = Struct.newBuilder();
    Struct.Builder parameters = Struct.newBuilder();
    if (fit) {
      result
          .putFields("artifact", text("org/Fit"))
          .putFields("version", Value.newBuilder().setNumberValue(2).build());
      parameters.putFields("dataset", text("sums"));
    }
    return job(2).toBuilder()
        .setId(id)
        .setKind(id.substring("started-".length()))
        .setParameters(parameters)
        .setResult(result)
        .build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
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
