package dev.tutti.fusion.api;

import dev.tutti.fusion.FusionCatalog;
import dev.tutti.fusion.members.ParallelCalls;
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

/** {@code Generate} for ensembles of which every member answers. */
@GrpcService
public class FusionGeneration extends GenerationServiceGrpc.GenerationServiceImplBase {

  private final ParallelCalls members;
  private final MeterRegistry metrics;

  /** Asks models at the one, ensembles at the other. */
  public FusionGeneration(
      @GrpcClient("decoder") GenerationServiceBlockingStub decoder,
      @GrpcClient("router") GenerationServiceBlockingStub router,
      MeterRegistry metrics) {
    this.members = new ParallelCalls(new MemberCalls(decoder, router, metrics));
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
      if (FusionCatalog.METHODS.find(checked.recipe().getMethod()).isPresent()) {
        method = checked.recipe().getMethod();
      }
      double agreement = new Fusion(checked, members, sink).answer();
      DistributionSummary.builder("tutti.fusion.agreement")
          .description("Share of the members' weight behind the answer")
          .baseUnit("ratio")
          .tag("method", method)
          .register(metrics)
          .record(agreement);
    } catch (RuntimeException e) {
      outcome = FailureStatus.fromThrowable(e).reason();
      throw e;
    } finally {
      clock.stop(metrics.timer("tutti.fusion.generate", "method", method, "outcome", outcome));
    }
  }
}
