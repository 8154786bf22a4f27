package dev.tutti.cascade.api;

import dev.tutti.cascade.CascadeCatalog;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.MemberCalls;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.grpc.GrpcService;

/** {@code Generate} for ensembles whose members answer until one is good enough. */
@GrpcService
public class CascadeGeneration extends GenerationServiceGrpc.GenerationServiceImplBase {

  private final MemberCalls calls;
  private final MeterRegistry metrics;

  /** Asks models at the one, ensembles at the other. */
  public CascadeGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      MeterRegistry metrics) {
    this.calls = new MemberCalls(decoder, router, metrics);
    this.metrics = metrics;
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    ServerCalls.<GenerateResponse>streaming(observer, sink -> answer(request, sink));
  }

  private void answer(GenerateRequest request, EventSink<GenerateResponse> sink) {
    Timer.Sample clock = Timer.start(metrics);
    String method = "unknown";
    String outcome = "OK";
    try {
      RecipeRequest checked = RecipeRequest.of(request);
      if (CascadeCatalog.METHODS.find(checked.recipe().getMethod()).isPresent()) {
        method = checked.recipe().getMethod();
      }
      int stages = new Cascade(checked, calls, sink).answer();
      DistributionSummary.builder("tutti.cascade.stages")
          .description("Members that were asked for an answer")
          .tag("method", method)
          .register(metrics)
          .record(stages);
    } catch (RuntimeException e) {
      outcome = FailureStatus.fromThrowable(e).reason();
      throw e;
    } finally {
      clock.stop(metrics.timer("tutti.cascade.generate", "method", method, "outcome", outcome));
    }
  }
}
