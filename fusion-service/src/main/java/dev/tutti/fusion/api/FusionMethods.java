package dev.tutti.fusion.api;

import dev.tutti.fusion.answer.Methods;
import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of this service. */
@GrpcService
public class FusionMethods extends CatalogMethodService {

  private final Methods methods;

  FusionMethods(Methods methods) {
    super(methods.catalog());
    this.methods = methods;
  }

  @Override
  public void validate(ValidateRequest request, StreamObserver<ValidateResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ValidateResponse.newBuilder()
                .addAllViolations(methods.validate(request.getRecipe()))
                .build());
  }
}
