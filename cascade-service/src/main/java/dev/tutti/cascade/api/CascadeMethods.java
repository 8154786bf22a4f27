package dev.tutti.cascade.api;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.kit.grpc.CatalogMethodService;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of this service. */
@GrpcService
public class CascadeMethods extends CatalogMethodService {

  /** Answers from the catalog. */
  public CascadeMethods() {
    super(CascadeCatalog.METHODS);
  }
}
