package dev.tutti.decoder.api;

import com.google.common.primitives.Floats;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SentenceEmbedder;
import dev.tutti.decoder.runtime.openai.RemoteEmbedding;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.v1.DecoderServiceGrpc;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.decoder.v1.InspectRequest;
import dev.tutti.decoder.v1.InspectResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.Optional;

/** {@code DecoderService}: what models can do beside writing. */
@GrpcService
class DecoderApi extends DecoderServiceGrpc.DecoderServiceImplBase {

  private static final int MOST_TEXTS = 2_048;

  private final TextScoring scoring;
  private final SentenceEmbedder embedder;
  private final RemoteModels remote;
  private final RemoteEmbedding remoteEmbedding;
  private final ModelPool pool;
  private final Inspection inspection;
  private final DecoderMetrics metrics;

  DecoderApi(
      TextScoring scoring,
      SentenceEmbedder embedder,
      RemoteModels remote,
      RemoteEmbedding remoteEmbedding,
      ModelPool pool,
      Inspection inspection,
      DecoderMetrics metrics) {
    this.scoring = scoring;
    this.embedder = embedder;
    this.remote = remote;
    this.remoteEmbedding = remoteEmbedding;
    this.pool = pool;
    this.inspection = inspection;
    this.metrics = metrics;
  }

  private static void requireTexts(EmbedRequest request) {
    if (request.getTextsCount() < 1 || request.getTextsCount() > MOST_TEXTS) {
      throw Failure.invalid(
          "texts",
          "There are %d texts; 1 to %d are allowed."
              .formatted(request.getTextsCount(), MOST_TEXTS));
    }
    for (int i = 0; i < request.getTextsCount(); i++) {
      if (request.getTexts(i).isEmpty()) {
        throw Failure.invalid("texts[%d]".formatted(i), "A text to embed is empty.");
      }
    }
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
    ServerCalls.unary(observer, () -> embed(request));
  }

  private EmbedResponse embed(EmbedRequest request) {
    Optional<RemoteModel> behindEndpoints = remote.find(request.getModel());
    if (!request.getBody().isEmpty()) {
      EmbedResponse response =
          remoteEmbedding.embed(
              behindEndpoints.orElseThrow(
                  () -> Failure.invalid("body", "Only models behind endpoints take a body.")),
              request);
      metrics.tokens(request.getModel(), response.getPromptTokens(), 0);
      return response;
    }
    requireTexts(request);
    if (behindEndpoints.isPresent()) {
      if (request.hasKeptTokens()) {
        throw Failure.invalid(
            "kept_tokens",
            "Only %s cuts its texts; '%s' does not."
                .formatted(SentenceEmbedder.NAME, request.getModel()));
      }
      EmbedResponse response = remoteEmbedding.embed(behindEndpoints.get(), request);
      metrics.tokens(request.getModel(), response.getPromptTokens(), 0);
      return response;
    }
    if (!request.getModel().isEmpty() && !request.getModel().equals(SentenceEmbedder.NAME)) {
      pool.registered(request.getModel(), "model");
      throw new Failure.FailedPrecondition(
              "model",
              "CAPABILITY_MISSING",
              "The model '%s' does not embed; %s does."
                  .formatted(request.getModel(), SentenceEmbedder.NAME))
          .exception();
    }
    SentenceEmbedder.Embeddings embeddings =
        request.hasKeptTokens()
            ? embedder.embed(request.getTextsList(), request.getKeptTokens())
            : embedder.embed(request.getTextsList());
    metrics.tokens(SentenceEmbedder.NAME, embeddings.tokens(), 0);
    EmbedResponse.Builder response =
        EmbedResponse.newBuilder()
            .setModel(SentenceEmbedder.NAME)
            .setSha256(embedder.sha256())
            .setPromptTokens(embeddings.tokens());
    for (float[] vector : embeddings.vectors()) {
      response.addEmbeddings(Embedding.newBuilder().addAllValues(Floats.asList(vector)));
    }
    return response.build();
  }
}
