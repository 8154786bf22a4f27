package dev.tutti.cascade.api;

import dev.tutti.cascade.answer.CascadeAnswers;
import dev.tutti.kit.grpc.CatalogMethodService;
import io.quarkus.grpc.GrpcService;

/** {@code MethodService} of this service. */
@GrpcService
public class CascadeMethods extends CatalogMethodService {

  /** Answers from the catalog. */
  public CascadeMethods(CascadeAnswers answers) {
    super(answers.catalog(), answers::validate);
  }
}
