package dev.tutti.router.api;

import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.router.members.Methods;
import io.quarkus.grpc.GrpcService;

/** The router's methods. */
@GrpcService
public class MethodEndpoint extends CatalogMethodService {

  MethodEndpoint(Methods methods) {
    super(methods.catalog());
  }
}
