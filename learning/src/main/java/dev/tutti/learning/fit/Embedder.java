package dev.tutti.learning.fit;

import com.google.common.primitives.Floats;
import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.learning.artifact.EmbeddingModel;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The decoder's own embedding model, as fits look through it, and methods that were fitted: of
 * texts of any length the first and the last {@value #KEPT_TOKENS} / 2 tokens.
 */
@ApplicationScoped
public class Embedder implements EmbeddingModel {

  /** Tokens of a text that are looked at; the model was trained on so many. */
  public static final int KEPT_TOKENS = 256;

  private static final Logger LOG = Logger.getLogger(Embedder.class);

  /** For whoever waits for a switch. */
  private static final Duration QUICK = Duration.ofSeconds(3);

  @GrpcClient("decoder")
  DecoderServiceBlockingStub decoder;

  private volatile Model last;

  /**
   * What embeds.
   *
   * @param name of the model
   * @param sha256 of it, as hex; empty where the decoder does not tell
   * @param keptTokens of a text
   */
  public record Model(String name, String sha256, int keptTokens) {}

  /**
   * The model that embeds now.
   *
   * @throws FailureException when the decoder cannot tell
   */
  public Model model() {
    return model(ask(List.of("")));
  }

  /** Of the model that embeds now, or else of the one that did last. */
  @Override
  public Optional<String> sha256() {
    try {
      ask(List.of(""), decoder.withDeadlineAfter(QUICK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (FailureException e) {
      LOG.debugf("The decoder does not tell what embeds: %s", e.failure().message());
    }
    return last().map(Model::sha256).filter(sha256 -> !sha256.isEmpty());
  }

  /** The model that embedded the last time; empty before the first. */
  public Optional<Model> last() {
    return Optional.ofNullable(last);
  }

  /**
   * Embeds texts.
   *
   * @param texts 1 to 2,048
   * @return one a text, in their order, of unit length
   * @throws FailureException when the decoder cannot
   */
  public List<float[]> embed(List<String> texts) {
    return vectors(ask(texts));
  }

  /**
   * Embeds texts.
   *
   * @param texts 1 to 2,048
   * @param by the model that it must be
   * @return one a text, in their order, of unit length
   * @throws FailureException when the decoder cannot; {@link Failure.Unavailable} when another
   *     model embeds meanwhile
   */
  public List<float[]> embed(List<String> texts, Model by) {
    EmbedResponse response = ask(texts);
    if (!model(response).equals(by)) {
      throw new Failure.Unavailable(
              "EMBEDDER_CHANGED", "The decoder embeds with another model than before.")
          .exception();
    }
    return vectors(response);
  }

  private static List<float[]> vectors(EmbedResponse response) {
    return response.getEmbeddingsList().stream()
        .map(embedding -> Floats.toArray(embedding.getValuesList()))
        .toList();
  }

  private EmbedResponse ask(List<String> texts) {
    return ask(texts, Deadlines.apply(decoder));
  }

  private EmbedResponse ask(List<String> texts, DecoderServiceBlockingStub asked) {
    var request = EmbedRequest.newBuilder().setKeptTokens(KEPT_TOKENS);
    // An empty text is refused; a blank one is no text all the same.
    texts.forEach(text -> request.addTexts(text.isEmpty() ? " " : text));
    long start = System.nanoTime();
    try {
      EmbedResponse response = asked.embed(request.build());
      last = model(response);
      return response;
    } catch (StatusRuntimeException e) {
      throw FailureStatus.naming(
          new FailureException(FailureStatus.fromThrowable(e), e), "decoder-service", start);
    }
  }

  private static Model model(EmbedResponse response) {
    return new Model(response.getModel(), response.getSha256(), KEPT_TOKENS);
  }
}
