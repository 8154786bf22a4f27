package dev.tutti.decoder.api;

import dev.tutti.decoder.answer.RecipeAdmission;
import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of the ensembles during inference. */
@GrpcService
class MethodsApi extends CatalogMethodService {

  private final RecipeAdmission admission;

  MethodsApi(RecipeAdmission admission) {
    super(admission.catalog());
    this.admission = admission;
  }

  @Override
  public void validate(ValidateRequest request, StreamObserver<ValidateResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ValidateResponse.newBuilder()
                .addAllViolations(admission.validate(request.getRecipe()))
                .build());
  }
}
