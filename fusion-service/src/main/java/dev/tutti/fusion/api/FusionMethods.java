package dev.tutti.fusion.api;

import dev.tutti.fusion.answer.FusionAnswers;
import dev.tutti.kit.grpc.CatalogMethodService;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of this service. */
@GrpcService
public class FusionMethods extends CatalogMethodService {

  FusionMethods(FusionAnswers answers) {
    super(answers.catalog(), answers::validate);
  }
}
