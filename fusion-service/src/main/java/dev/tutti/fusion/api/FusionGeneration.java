package dev.tutti.fusion.api;

import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.FusionMethod;
import dev.tutti.fusion.answer.FusionAnswer;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.MemberCalls;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.RecipeGeneration;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.settings.MethodCache;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.grpc.GrpcService;

/** {@code Generate} for ensembles of which every member answers. */
@GrpcService
public class FusionGeneration extends RecipeGeneration {

  private final MethodCache<FusionMethod> methods = new MethodCache<>(FusionCatalog.METHODS);
  private final MemberCalls calls;
  private final MeterRegistry metrics;

  /** Asks models at the decoder, ensembles at the router. */
  public FusionGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      @GrpcClient("decoder") DecoderServiceBlockingStub models,
      MeterRegistry metrics) {
    super(FusionCatalog.METHODS, "fusion", metrics);
    this.calls = new MemberCalls(decoder, router, models, metrics);
    this.metrics = metrics;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    FusionMethod method = methods.get(request.recipe());
    var definition = FusionCatalog.METHODS.find(request.recipe().getMethod()).orElseThrow();
    var runner = new CallRunner(request, definition::role, calls, sink);
    new FusionAnswer(request, method, runner, sink)
        .answer()
        .ifPresent(
            agreement ->
                DistributionSummary.builder("tutti.fusion.agreement")
                    .description("Share of the members' weight behind the answer")
                    .baseUnit("ratio")
                    .tag("method", request.recipe().getMethod())
                    .register(metrics)
                    .record(agreement));
  }
}
