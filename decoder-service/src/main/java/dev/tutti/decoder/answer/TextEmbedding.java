package dev.tutti.decoder.answer;

import com.google.common.primitives.Floats;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SentenceEmbedder;
import dev.tutti.decoder.runtime.openai.RemoteEmbedding;
import dev.tutti.decoder.runtime.openai.RemoteModel;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.kit.grpc.Failure;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Embeddings of texts, by the model that is always there or by one behind endpoints. */
@Singleton
public class TextEmbedding {

  private static final int MOST_TEXTS = 2_048;

  private final SentenceEmbedder embedder;
  private final RemoteModels remote;
  private final RemoteEmbedding remoteEmbedding;
  private final ModelPool pool;
  private final DecoderMetrics metrics;

  TextEmbedding(
      SentenceEmbedder embedder,
      RemoteModels remote,
      RemoteEmbedding remoteEmbedding,
      ModelPool pool,
      DecoderMetrics metrics) {
    this.embedder = embedder;
    this.remote = remote;
    this.remoteEmbedding = remoteEmbedding;
    this.pool = pool;
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

  /**
   * Embeds.
   *
   * @throws dev.tutti.kit.grpc.FailureException when a text is refused, or the model does not embed
   */
  public EmbedResponse embed(EmbedRequest request) {
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
