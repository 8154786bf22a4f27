package dev.tutti.decoder.api;

import dev.tutti.decoder.answer.Inspection;
import dev.tutti.decoder.answer.TextEmbedding;
import dev.tutti.decoder.answer.TextScoring;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** {@code DecoderService}: what models can do beside writing. */
@GrpcService
class DecoderApi extends DecoderServiceGrpc.DecoderServiceImplBase {

  private final TextScoring scoring;
  private final TextEmbedding embedding;
  private final Inspection inspection;

  DecoderApi(TextScoring scoring, TextEmbedding embedding, Inspection inspection) {
    this.scoring = scoring;
    this.embedding = embedding;
    this.inspection = inspection;
  }

  @Override
  public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
    ServerCalls.unary(observer, () -> scoring.score(request));
  }

  @Override
  public void inspect(InspectRequest request, StreamObserver<InspectResponse> observer) {
    ServerCalls.unary(observer, () -> inspection.inspect(request.getModel()));
  }

  @Override
  public void embed(EmbedRequest request, StreamObserver<EmbedResponse> observer) {
    ServerCalls.unary(observer, () -> embedding.embed(request));
  }
}
