package dev.tutti.kit.grpc;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.ListResponse;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import io.grpc.stub.StreamObserver;

/** {@code MethodService} of one service, answered from its catalog. */
public abstract class CatalogMethodService extends MethodServiceGrpc.MethodServiceImplBase {

  private final MethodCatalog<?> catalog;

  /** Answers from this catalog. */
  protected CatalogMethodService(MethodCatalog<?> catalog) {
    this.catalog = catalog;
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> observer) {
    ServerCalls.unary(
        observer, () -> ListResponse.newBuilder().addAllMethods(catalog.describe()).build());
  }

  @Override
  public void validate(ValidateRequest request, StreamObserver<ValidateResponse> observer) {
    ServerCalls.unary(
        observer,
        () ->
            ValidateResponse.newBuilder()
                .addAllViolations(catalog.validate(request.getRecipe()))
                .build());
  }
}
