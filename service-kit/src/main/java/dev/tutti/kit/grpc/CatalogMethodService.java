package dev.tutti.kit.grpc;

import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.method.v1.ListRequest;
import dev.tutti.method.v1.ListResponse;
import dev.tutti.method.v1.MethodServiceGrpc;
import dev.tutti.method.v1.Recipe;
import dev.tutti.method.v1.ValidateRequest;
import dev.tutti.method.v1.ValidateResponse;
import dev.tutti.method.v1.Violation;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Function;

/** {@code MethodService} of one service, answered from its catalog. */
public abstract class CatalogMethodService extends MethodServiceGrpc.MethodServiceImplBase {

  private final MethodCatalog<?> catalog;
  private final Function<Recipe, List<Violation>> validator;

  /** Answers from this catalog. */
  protected CatalogMethodService(MethodCatalog<?> catalog) {
    this(catalog, catalog::validate);
  }

  /**
   * Answers from this catalog.
   *
   * @param validator tells everything that is wrong with a recipe
   */
  protected CatalogMethodService(
      MethodCatalog<?> catalog, Function<Recipe, List<Violation>> validator) {
    this.catalog = catalog;
    this.validator = validator;
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
                .addAllViolations(validator.apply(request.getRecipe()))
                .build());
  }
}
