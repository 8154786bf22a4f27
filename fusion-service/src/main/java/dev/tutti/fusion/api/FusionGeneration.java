package dev.tutti.fusion.api;

import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.members.ParallelCalls;
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

/** {@code Generate} for ensembles of which every member answers. */
@GrpcService
public class FusionGeneration extends RecipeGeneration {

  private final ParallelCalls members;
  private final MeterRegistry metrics;

  /** Asks models at the one, ensembles at the other. */
  public FusionGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      MeterRegistry metrics) {
    super(FusionCatalog.METHODS, "fusion", metrics);
    this.members = new ParallelCalls(new MemberCalls(decoder, router, metrics));
    this.metrics = metrics;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    double agreement = new Fusion(request, members, sink).answer();
    DistributionSummary.builder("tutti.fusion.agreement")
        .description("Share of the members' weight behind the answer")
        .baseUnit("ratio")
        .tag("method", request.recipe().getMethod())
        .register(metrics)
        .record(agreement);
  }
}
