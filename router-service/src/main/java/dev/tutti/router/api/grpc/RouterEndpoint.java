package dev.tutti.router.api.grpc;

import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.answer.Answers;
import dev.tutti.router.answer.Batches;
import dev.tutti.router.v1.RouteBatchRequest;
import dev.tutti.router.v1.RouteBatchResponse;
import dev.tutti.router.v1.RouteRequest;
import dev.tutti.router.v1.RouteResponse;
import dev.tutti.router.v1.RouterServiceGrpc;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.UUID;

/** Decisions without answers over gRPC. */
@GrpcService
public class RouterEndpoint extends RouterServiceGrpc.RouterServiceImplBase {

  private final Answers answers;
  private final Batches batches;

  RouterEndpoint(Answers answers, Batches batches) {
    this.answers = answers;
    this.batches = batches;
  }

  @Override
  public void routeBatch(RouteBatchRequest request, StreamObserver<RouteBatchResponse> observer) {
    ServerCalls.unary(observer, () -> batches.route(request));
  }

  @Override
  public void route(RouteRequest request, StreamObserver<RouteResponse> observer) {
    Sampling.Builder sampling = Sampling.newBuilder();
    if (request.hasSeed()) {
      sampling.setSeed(request.getSeed());
    }
    ServerCalls.unary(
        observer,
        () ->
            answers.route(
                UUID.randomUUID().toString(),
                request.getName(),
                request.getMessagesList(),
                sampling.build()));
  }
}
