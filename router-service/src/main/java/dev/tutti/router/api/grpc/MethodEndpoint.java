package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import dev.tutti.router.members.Methods;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** The router's methods. */
@GrpcService
public class MethodEndpoint extends CatalogMethodService {

  private final Methods methods;

  MethodEndpoint(Methods methods) {
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
