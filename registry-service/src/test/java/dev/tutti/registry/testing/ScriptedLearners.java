package dev.tutti.registry.testing;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.v1.Arm;
import dev.tutti.router.v1.GetLearnerRequest;
import dev.tutti.router.v1.GetLearnerResponse;
import dev.tutti.router.v1.Learner;
import dev.tutti.router.v1.LearnerServiceGrpc;
import dev.tutti.router.v1.ListLearnersRequest;
import dev.tutti.router.v1.ListLearnersResponse;
import dev.tutti.router.v1.RebuildLearnerRequest;
import dev.tutti.router.v1.RebuildLearnerResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A router in which {@code elo} and {@code org/Learner}, alias {@code learns}, learn. */
final class ScriptedLearners extends LearnerServiceGrpc.LearnerServiceImplBase {

  private static Learner learner(String ensemble) {
    String own = ensemble.equals("learns") ? "org/Learner" : ensemble;
    if (!List.of("elo", "org/Learner").contains(own)) {
      throw new Failure.NotFound(
              "ensemble", "LEARNER_NOT_FOUND", "'%s' learns nothing.".formatted(ensemble))
          .exception();
    }
    var learner =
        Learner.newBuilder()
            .setEnsemble(own)
            .setMethod("eagle")
            .setBasis("k=32")
            .setObserved(3)
            .setPosition(17)
            .addArms(Arm.newBuilder().setMember("anna").putValues("rating", 1016.5));
    // Of the other one nobody knows what waits.
    return own.equals("elo") ? learner.setBacklog(0).build() : learner.build();
  }

  @Override
  public void listLearners(
      ListLearnersRequest request, StreamObserver<ListLearnersResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListLearnersResponse.newBuilder()
                .addLearners(learner("elo"))
                .addLearners(learner("org/Learner"))
                .build());
  }

  @Override
  public void getLearner(GetLearnerRequest request, StreamObserver<GetLearnerResponse> observer) {
    ServerCalls.unary(
        observer,
        () -> GetLearnerResponse.newBuilder().setLearner(learner(request.getEnsemble())).build());
  }

  @Override
  public void rebuildLearner(
      RebuildLearnerRequest request, StreamObserver<RebuildLearnerResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            RebuildLearnerResponse.newBuilder()
                .setLearner(learner(request.getEnsemble()))
                .setSame(true)
                .build());
  }
}
