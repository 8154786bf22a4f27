package dev.tutti.router.testing;

import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.ListResponse;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.MethodServiceGrpc;
import io.grpc.stub.StreamObserver;

/** Fusion-service's methods: a vote, and a debate, which rewrites prompts. */
final class ScriptedMethods extends MethodServiceGrpc.MethodServiceImplBase {

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ListResponse.newBuilder()
                .addMethods(MethodDescription.newBuilder().setName("majority-vote"))
                .addMethods(MethodDescription.newBuilder().setName("debate").setRewrites(true))
                .build());
  }
}
