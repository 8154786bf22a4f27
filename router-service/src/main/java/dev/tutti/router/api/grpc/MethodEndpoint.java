package dev.tutti.router.api.grpc;

import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.router.members.Methods;
import io.quarkus.grpc.GrpcService;

/** The router's methods. */
@GrpcService
public class MethodEndpoint extends CatalogMethodService {

  MethodEndpoint(Methods methods) {
    super(methods.catalog(), methods::validate);
  }
}
