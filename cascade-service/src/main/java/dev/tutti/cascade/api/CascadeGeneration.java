package dev.tutti.cascade.api;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.answer.CascadeAnswer;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
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

/** {@code Generate} for ensembles whose members answer until one is good enough. */
@GrpcService
public class CascadeGeneration extends RecipeGeneration {

  private final MethodCache<CascadeMethod> methods = new MethodCache<>(CascadeCatalog.METHODS);
  private final MemberCalls calls;
  private final MeterRegistry metrics;

  /** Asks models at the decoder, ensembles at the router. */
  public CascadeGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      @GrpcClient("decoder") DecoderServiceBlockingStub models,
      MeterRegistry metrics) {
    super(CascadeCatalog.METHODS, "cascade", metrics);
    this.calls = new MemberCalls(decoder, router, models, metrics);
    this.metrics = metrics;
  }

  @Override
  protected void answer(RecipeRequest request, EventSink<GenerateResponse> sink) {
    CascadeMethod method = methods.get(request.recipe());
    var definition = CascadeCatalog.METHODS.find(request.recipe().getMethod()).orElseThrow();
    var runner = new CallRunner(request, definition::role, calls, sink);
    int members = new CascadeAnswer(request, method, runner, sink).answer();
    DistributionSummary.builder("tutti.cascade.stages")
        .description("Members that were asked for an answer")
        .tag("method", request.recipe().getMethod())
        .register(metrics)
        .record(members);
  }
}
