package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.decision.RatedOutcomes;
import dev.tutti.router.v1.RatedDecisionServiceGrpc;
import dev.tutti.router.v1.ReadRatedDecisionsRequest;
import dev.tutti.router.v1.ReadRatedDecisionsResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Rated decisions over gRPC, for the registry. */
@GrpcService
public class RatedDecisionEndpoint extends RatedDecisionServiceGrpc.RatedDecisionServiceImplBase {

  private final RatedOutcomes outcomes;

  RatedDecisionEndpoint(RatedOutcomes outcomes) {
    this.outcomes = outcomes;
  }

  @Override
  public void readRatedDecisions(
      ReadRatedDecisionsRequest request, StreamObserver<ReadRatedDecisionsResponse> observer) {
    ServerCalls.<ReadRatedDecisionsResponse>streaming(
        observer,
        sink ->
            outcomes.read(
                request,
                decision ->
                    sink.emit(
                        ReadRatedDecisionsResponse.newBuilder().setDecision(decision).build())));
  }
}
