package dev.tutti.decoder.api;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.settings.MethodCatalog;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of the ensembles during inference. */
@GrpcService
class MethodsApi extends CatalogMethodService {

  MethodsApi(MethodCatalog<JointEnsemble> methods) {
    super(methods);
  }
}
