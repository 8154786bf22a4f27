package dev.tutti.decoder.api;

import dev.tutti.decoder.TokenEnsembleCatalog;
import dev.tutti.kit.grpc.CatalogMethodService;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of the ensembles during inference. */
@GrpcService
class MethodsApi extends CatalogMethodService {

  MethodsApi() {
    super(TokenEnsembleCatalog.METHODS);
  }
}
