package dev.tutti.fusion.api;

import dev.tutti.fusion.answer.FusionAnswers;
import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of this service. */
@GrpcService
public class FusionMethods extends CatalogMethodService {

  private final FusionAnswers answers;

  FusionMethods(FusionAnswers answers) {
    super(answers.catalog());
    this.answers = answers;
  }

  @Override
  public void validate(ValidateRequest request, StreamObserver<ValidateResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ValidateResponse.newBuilder()
                .addAllViolations(answers.validate(request.getRecipe()))
                .build());
  }
}
