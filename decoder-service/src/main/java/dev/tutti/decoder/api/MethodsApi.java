package dev.tutti.decoder.api;

import dev.tutti.decoder.JointEnsembleCatalog;
import dev.tutti.kit.grpc.CatalogMethodService;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of the ensembles during inference. */
@GrpcService
class MethodsApi extends CatalogMethodService {

  MethodsApi() {
    super(JointEnsembleCatalog.METHODS);
  }
}
