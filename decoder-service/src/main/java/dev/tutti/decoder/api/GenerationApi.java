package dev.tutti.decoder.api;

import dev.tutti.decoder.answer.EnsembleAnswer;
import dev.tutti.decoder.answer.ModelAnswer;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.GenerationTrace;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code GenerationService} for models and for ensembles during inference. */
@GrpcService
class GenerationApi extends GenerationServiceGrpc.GenerationServiceImplBase {

  /** Whose wire format endpoints speak, as OpenTelemetry calls it. */
  private static final String OPENAI = "openai";

  private final ModelAnswer model;
  private final EnsembleAnswer ensemble;

  GenerationApi(ModelAnswer model, EnsembleAnswer ensemble) {
    this.model = model;
    this.ensemble = ensemble;
  }

  @Override
  public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
    ServerCalls.generating(
        observer,
        sink -> {
          RequestRules.requireOneChoice(request);
          switch (request.getTargetCase()) {
            case MEMBER -> {
              RequestRules.check(request);
              if (request.getMember().hasSampling()) {
                throw Failure.invalid(
                    "member.sampling",
                    "Who is asked alone has no sampling of its own; sampling says how it draws.");
              }
              String name = request.getMember().getModel();
              String provider = model.behindEndpoints(name) ? OPENAI : GenerationTrace.TUTTI;
              model.generate(request, GenerationTrace.of(request, name, provider, sink));
            }
            case RECIPE -> {
              RequestRules.check(request);
              String name = request.getRecipe().getEnsemble();
              ensemble.generate(
                  request, GenerationTrace.of(request, name, GenerationTrace.TUTTI, sink));
            }
            case NAME ->
                throw Failure.invalid(
                    "name", "Names are resolved by router-service; here a member or a recipe is.");
            case TARGET_NOT_SET ->
                throw Failure.invalid("target", "A request names a member or a recipe.");
          }
        });
  }
}
