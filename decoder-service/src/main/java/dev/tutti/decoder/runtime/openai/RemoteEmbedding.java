package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Floats;
import com.google.protobuf.ByteString;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;

/** Embeddings of a model behind endpoints: relayed byte by byte, or of given texts. Thread-safe. */
public final class RemoteEmbedding {

  private static final int BYTES_PER_CHARACTER = 4;

  private final EndpointCalls calls;

  /** Embeds through these calls. */
  public RemoteEmbedding(EndpointCalls calls) {
    this.calls = calls;
  }

  /**
   * Embeds.
   *
   * @param request with a body, or texts
   * @throws FailureException when no endpoint does
   */
  public EmbedResponse embed(RemoteModel model, EmbedRequest request) {
    var tried = new ArrayList<Endpoint>();
    EmbedResponse response = embed(model, request, tried);
    tried.getLast().used(response.getPromptTokens(), 0);
    return response;
  }

  private EmbedResponse embed(RemoteModel model, EmbedRequest request, List<Endpoint> tried) {
    EmbedResponse.Builder response =
        EmbedResponse.newBuilder().setModel(model.registered().getName());
    long characters = request.getTextsList().stream().mapToLong(String::length).sum();
    try {
      if (request.getBody().isEmpty()) {
        return calls.whole(
            model,
            "/embeddings",
            body(model, request),
            tried,
            (endpoint, answer, key) ->
                vectors(
                    endpoint,
                    EndpointProbe.tree(endpoint, answer, key),
                    usage(endpoint, answer, characters, characters),
                    request,
                    response));
      }
      byte[] asked = request.getBody().toByteArray();
      RequestBody body = RequestBody.rewrite(asked, model.remoteName());
      return calls.whole(
          model,
          "/embeddings",
          body,
          tried,
          (endpoint, answer, _) -> {
            Usage usage = usage(endpoint, answer, Math.max(characters, asked.length), asked.length);
            return response
                .setBody(ByteString.copyFrom(inForm(endpoint, asked, answer)))
                .setPromptTokens(usage.getPromptTokens())
                .setEstimated(usage.getEstimated())
                .build();
          });
    } catch (EndpointException e) {
      throw new FailureException(e.failure(), e);
    }
  }

  private static OwnBody body(RemoteModel model, EmbedRequest request) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model.remoteName());
    ArrayNode input = body.putArray("input");
    request.getTextsList().forEach(input::add);
    return new OwnBody(body, Set.of());
  }

  /** The answer with its embeddings in the form that the caller asked for. */
  private static byte[] inForm(String endpoint, byte[] asked, byte[] answer) {
    try {
      Optional<EmbeddingForm> form = EmbeddingForm.asked(asked);
      return form.isPresent() ? form.get().of(answer) : answer;
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, e.getMessage(), e);
    }
  }

  /** What was read: the endpoint's word where it can be true, else an estimate. */
  private static Usage usage(String endpoint, byte[] answer, long characters, long bytes) {
    try {
      Chunk chunk = ChunkReader.read(answer);
      if (chunk.failed()) {
        throw EndpointFailures.malformed(endpoint, "it tells of an error", null);
      }
      return UsageBounds.of(characters, BYTES_PER_CHARACTER * bytes, 0)
          .checked(chunk.usage(), 0, 0, 1);
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, "it is no list of embeddings", e);
    }
  }

  private static EmbedResponse vectors(
      String endpoint,
      JsonNode answer,
      Usage usage,
      EmbedRequest request,
      EmbedResponse.Builder response) {
    var byIndex = new Embedding[request.getTextsCount()];
    for (JsonNode entry : answer.path("data")) {
      int index = entry.path("index").asInt(-1);
      JsonNode embedding = entry.path("embedding");
      if (index < 0 || index >= byIndex.length || !(embedding.isArray() || embedding.isTextual())) {
        throw EndpointFailures.malformed(endpoint, "an embedding is not what it should be", null);
      }
      byIndex[index] = unit(numbers(endpoint, embedding));
    }
    response.clearEmbeddings();
    for (Embedding embedding : byIndex) {
      if (embedding == null) {
        throw EndpointFailures.malformed(endpoint, "an embedding is missing", null);
      }
      response.addEmbeddings(embedding);
    }
    return response
        .setPromptTokens(usage.getPromptTokens())
        .setEstimated(usage.getEstimated())
        .build();
  }

  /** In whichever form the endpoint writes them. */
  private static double[] numbers(String endpoint, JsonNode embedding) {
    if (embedding.isArray()) {
      return embedding.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
    }
    try {
      return Floats.asList(EmbeddingForm.decoded(embedding.textValue())).stream()
          .mapToDouble(Float::doubleValue)
          .toArray();
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, e.getMessage(), e);
    }
  }

  /** As the contract has them: of length 1. */
  private static Embedding unit(double[] values) {
    double length = Math.sqrt(DoubleStream.of(values).map(v -> v * v).sum());
    Embedding.Builder embedding = Embedding.newBuilder();
    for (double value : values) {
      embedding.addValues((float) (length > 0 ? value / length : value));
    }
    return embedding.build();
  }
}
