package dev.tutti.cascade.api;

import dev.tutti.cascade.answer.CascadeAnswers;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeGeneration;
import dev.tutti.kit.grpc.RecipeRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcService;

/** {@code Generate} for ensembles whose members answer until one is good enough. */
@GrpcService
public class CascadeGeneration extends RecipeGeneration {

  private final CascadeAnswers answers;

  /** Answers by these. */
  public CascadeGeneration(CascadeAnswers answers, MeterRegistry metrics) {
    super(answers.catalog(), "cascade", metrics);
    this.answers = answers;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    answers.answer(request, sink);
  }
}
