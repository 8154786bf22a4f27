package dev.tutti.cascade.api;

import dev.tutti.cascade.answer.CascadeAnswers;
import dev.tutti.cascade.v1.CascadeServiceGrpc;
import dev.tutti.cascade.v1.DecideRequest;
import dev.tutti.cascade.v1.DecideResponse;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code Decide}: what a cascade makes of answers that a caller brings along. */
@GrpcService
public class CascadeEndpoint extends CascadeServiceGrpc.CascadeServiceImplBase {

  private final CascadeAnswers answers;

  CascadeEndpoint(CascadeAnswers answers) {
    this.answers = answers;
  }

  @Override
  public void decide(DecideRequest request, StreamObserver<DecideResponse> observer) {
    ServerCalls.unary(observer, () -> answers.decide(request));
  }
}
