package dev.tutti.cascade.answer;

import com.google.common.primitives.Floats;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.learning.fit.Embedder;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Embeds questions that stand alone: a follow-up means nothing without what went before. */
@Singleton
class QuestionEmbedder {

  private static final Logger LOG = Logger.getLogger(QuestionEmbedder.class);

  /** An embedding takes milliseconds; who waits longer for it had better ask the members. */
  private static final long SECONDS = 2;

  private final DecoderServiceBlockingStub models;

  QuestionEmbedder(@GrpcClient("decoder") DecoderServiceBlockingStub models) {
    this.models = models;
  }

  /**
   * A question as it is compared.
   *
   * @param vector of unit length; not to be changed
   * @param embedder what embedded it
   */
  record Embedded(float[] vector, String embedder) {}

  /** Empty where it does not stand alone, is blank, or cannot be embedded. */
  Optional<Embedded> embed(RecipeRequest request) {
    long others =
        request.messages().stream()
            .map(Message::getRole)
            .filter(role -> role != Role.ROLE_SYSTEM)
            .count();
    if (others != 1 || request.question().isBlank()) {
      return Optional.empty();
    }
    DecoderServiceBlockingStub asked = Deadlines.apply(models);
    Deadline soon = Deadline.after(SECONDS, TimeUnit.SECONDS);
    try {
      EmbedResponse response =
          asked
              .withDeadline(asked.getCallOptions().getDeadline().minimum(soon))
              .embed(
                  EmbedRequest.newBuilder()
                      .addTexts(request.question())
                      .setKeptTokens(Embedder.KEPT_TOKENS)
                      .build());
      return response.getEmbeddingsList().stream()
          .filter(its -> its.getValuesCount() > 0)
          .findFirst()
          .map(
              its ->
                  new Embedded(
                      Floats.toArray(its.getValuesList()),
                      response.getSha256().isEmpty() ? response.getModel() : response.getSha256()));
    } catch (StatusRuntimeException e) {
      LOG.debugf("A question is not embedded: %s", e.getMessage());
      return Optional.empty();
    }
  }
}
