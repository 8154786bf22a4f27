package dev.tutti.kit.job;

import dev.tutti.job.v1.CancelRequest;
import dev.tutti.job.v1.CancelResponse;
import dev.tutti.job.v1.GetRequest;
import dev.tutti.job.v1.GetResponse;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.job.v1.StartResponse;
import dev.tutti.job.v1.WatchRequest;
import dev.tutti.job.v1.WatchResponse;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;

/** {@code JobService} of one service; the service's subclass is its {@code @GrpcService}. */
public abstract class JobEndpoint extends JobServiceGrpc.JobServiceImplBase {

  private final Jobs jobs;

  /** Offers these jobs. */
  protected JobEndpoint(Jobs jobs) {
    this.jobs = jobs;
  }

  @Override
  public void start(StartRequest request, StreamObserver<StartResponse> observer) {
    ServerCalls.unary(
        observer, () -> StartResponse.newBuilder().setJob(jobs.start(request)).build());
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> observer) {
    ServerCalls.unary(
        observer, () -> GetResponse.newBuilder().setJob(jobs.get(request.getId())).build());
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> observer) {
    ServerCalls.unary(observer, () -> jobs.list(request));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    ServerCalls.<WatchResponse>streaming(
        observer,
        sink ->
            jobs.watch(
                request.getId(), job -> sink.emit(WatchResponse.newBuilder().setJob(job).build())));
  }

  @Override
  public void cancel(CancelRequest request, StreamObserver<CancelResponse> observer) {
    ServerCalls.unary(
        observer, () -> CancelResponse.newBuilder().setJob(jobs.cancel(request.getId())).build());
  }
}
