package dev.tutti.router.api.grpc;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.router.answer.Answers;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.UUID;

/** Answers over gRPC: names for everybody, recipes of the router family. */
@GrpcService
public class GenerationEndpoint extends GenerationServiceGrpc.GenerationServiceImplBase {

  private final Answers answers;

  GenerationEndpoint(Answers answers) {
    this.answers = answers;
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    GenerateRequest identified =
        request.getRequestId().isEmpty()
            ? request.toBuilder().setRequestId(UUID.randomUUID().toString()).build()
            : request;
    ServerCalls.generating(observer, sink -> answers.answer(identified, sink));
  }
}
