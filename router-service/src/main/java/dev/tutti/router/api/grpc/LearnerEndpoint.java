package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.feedback.LearnerAdmin;
import dev.tutti.router.v1.GetLearnerRequest;
import dev.tutti.router.v1.GetLearnerResponse;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.ListLearnersRequest;
import dev.tutti.router.v1.ListLearnersResponse;
import dev.tutti.router.v1.RebuildLearnerRequest;
import dev.tutti.router.v1.RebuildLearnerResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** What was learned, over gRPC. */
@GrpcService
public class LearnerEndpoint extends LearnerServiceGrpc.LearnerServiceImplBase {

  private final LearnerAdmin learners;

  LearnerEndpoint(LearnerAdmin learners) {
    this.learners = learners;
  }

  @Override
  public void listLearners(
      ListLearnersRequest request, StreamObserver<ListLearnersResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> ListLearnersResponse.newBuilder().addAllLearners(learners.describe()).build());
  }

  @Override
  public void getLearner(GetLearnerRequest request, StreamObserver<GetLearnerResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            GetLearnerResponse.newBuilder()
                .setLearner(learners.describe(request.getEnsemble()))
                .build());
  }

  @Override
  public void rebuildLearner(
      RebuildLearnerRequest request, StreamObserver<RebuildLearnerResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> {
          boolean same = learners.rebuild(request.getEnsemble());
          return RebuildLearnerResponse.newBuilder()
              .setSame(same)
              .setLearner(learners.describe(request.getEnsemble()))
              .build();
        });
  }
}
