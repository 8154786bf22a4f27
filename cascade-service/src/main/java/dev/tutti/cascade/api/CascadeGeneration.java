package dev.tutti.cascade.api;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.MemberCalls;
import dev.tutti.kit.grpc.RecipeGeneration;
import dev.tutti.kit.grpc.RecipeRequest;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.grpc.GrpcService;

/** {@code Generate} for ensembles whose members answer until one is good enough. */
@GrpcService
public class CascadeGeneration extends RecipeGeneration {

  private final MemberCalls calls;
  private final MeterRegistry metrics;

  /** Asks models at the one, ensembles at the other. */
  public CascadeGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      MeterRegistry metrics) {
    super(CascadeCatalog.METHODS, "cascade", metrics);
    this.calls = new MemberCalls(decoder, router, metrics);
    this.metrics = metrics;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    int stages = new Cascade(request, calls, sink).answer();
    DistributionSummary.builder("tutti.cascade.stages")
        .description("Members that were asked for an answer")
        .tag("method", request.recipe().getMethod())
        .register(metrics)
        .record(stages);
  }
}
