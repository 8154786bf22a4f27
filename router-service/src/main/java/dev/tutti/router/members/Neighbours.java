package dev.tutti.router.members;

import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.method.v1.Family;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;

/** The services that answer: models live in the decoder, ensembles where their family lives. */
@ApplicationScoped
public class Neighbours {

  @GrpcClient("decoder")
  GenerationServiceBlockingStub decoder;

  @GrpcClient("fusion")
  GenerationServiceBlockingStub fusion;

  @GrpcClient("cascade")
  GenerationServiceBlockingStub cascade;

  @GrpcClient("decoder")
  DecoderServiceBlockingStub embedder;

  /**
   * Asks a model; the request's target is the member.
   *
   * @throws FailureException when the call cannot be made
   */
  public ClientStream<GenerateResponse> askModel(GenerateRequest request) {
    return open(decoder, request);
  }

  /**
   * Asks an ensemble of another service; the request's target is the recipe.
   *
   * @throws FailureException when the call cannot be made
   */
  public ClientStream<GenerateResponse> askEnsemble(Family family, GenerateRequest request) {
    return switch (family) {
      case FAMILY_TOKEN, FAMILY_SPAN, FAMILY_PROCESS -> open(decoder, request);
      case FAMILY_FUSION -> open(fusion, request);
      case FAMILY_CASCADE -> open(cascade, request);
      case FAMILY_ROUTER, FAMILY_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("No neighbour answers for " + family);
    };
  }

  /**
   * Embeds texts.
   *
   * @throws FailureException when the decoder cannot
   */
  public EmbedResponse embed(EmbedRequest request) {
    try {
      return Deadlines.apply(embedder).embed(request);
    } catch (StatusRuntimeException e) {
      throw new FailureException(FailureStatus.fromThrowable(e), e);
    }
  }

  private static ClientStream<GenerateResponse> open(
      GenerationServiceBlockingStub stub, GenerateRequest request) {
    return ClientStream.open(() -> Deadlines.apply(stub).generate(request));
  }
}
