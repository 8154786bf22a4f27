package dev.tutti.fusion.api;

import dev.tutti.fusion.answer.BroughtAnswers;
import dev.tutti.fusion.v1.FuseRequest;
import dev.tutti.fusion.v1.FuseResponse;
import dev.tutti.fusion.v1.FusionServiceGrpc;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code Fuse}: one answer of those that a caller brings along. */
@GrpcService
public class FusionEndpoint extends FusionServiceGrpc.FusionServiceImplBase {

  private final BroughtAnswers answers;

  FusionEndpoint(BroughtAnswers answers) {
    this.answers = answers;
  }

  @Override
  public void fuse(FuseRequest request, StreamObserver<FuseResponse> observer) {
    ServerCalls.unary(observer, () -> answers.fuse(request));
  }
}
