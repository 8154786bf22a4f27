package dev.tutti.fusion.api;

import dev.tutti.fusion.answer.FusionAnswers;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeGeneration;
import dev.tutti.kit.grpc.RecipeRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcService;

/** {@code Generate} for ensembles of which every member answers. */
@GrpcService
public class FusionGeneration extends RecipeGeneration {

  private final FusionAnswers answers;

  /** Answers by these. */
  public FusionGeneration(FusionAnswers answers, MeterRegistry metrics) {
    super(answers.catalog(), "fusion", metrics);
    this.answers = answers;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    answers.answer(request, sink);
  }
}
