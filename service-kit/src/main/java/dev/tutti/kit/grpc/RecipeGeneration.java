package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.settings.MethodCatalog;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * {@code Generate} of a service that answers resolved ensembles only. Each request is timed as
 * {@code tutti_FAMILY_generate_seconds}, by method and outcome.
 */
public abstract class RecipeGeneration extends GenerationServiceGrpc.GenerationServiceImplBase {

  private final MethodCatalog<?> catalog;
  private final String timer;
  private final MeterRegistry metrics;

  /**
   * Answers by the methods of a catalog.
   *
   * @param family part of the timer's name, e.g. {@code fusion}
   */
  protected RecipeGeneration(MethodCatalog<?> catalog, String family, MeterRegistry metrics) {
    this.catalog = catalog;
    this.timer = "tutti.%s.generate".formatted(family);
    this.metrics = metrics;
  }

  /**
   * Answers a checked request by events; what it throws ends the call through {@link
   * FailureStatus}.
   */
  protected abstract void answer(RecipeRequest request, EventSink<GenerateResponse> sink);

  @Override
  public final void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    ServerCalls.generating(observer, sink -> timed(request, sink));
  }

  private void timed(GenerateRequest request, EventSink<GenerateResponse> sink) {
    Timer.Sample clock = Timer.start(metrics);
    // A caller may name any method; only known ones become series.
    String asked = request.getRecipe().getMethod();
    String method = catalog.find(asked).isPresent() ? asked : "unknown";
    String outcome = "OK";
    try {
      RequestRules.requireOneChoice(request);
      String ensemble = request.getRecipe().getEnsemble();
      answer(
          RecipeRequest.whole(request),
          GenerationTrace.of(request, ensemble, GenerationTrace.TUTTI, sink));
    } catch (RuntimeException | Error e) {
      outcome = FailureStatus.outcome(FailureStatus.fromThrowable(e));
      throw e;
    } finally {
      clock.stop(
          Timer.builder(timer)
              .description("Answers of ensembles, by method and outcome")
              .tags("method", method, "outcome", outcome)
              .register(metrics));
    }
  }
}
