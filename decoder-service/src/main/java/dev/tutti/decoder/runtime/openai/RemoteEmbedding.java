package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.generation.v1.Usage;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;

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
    EmbedResponse.Builder response =
        EmbedResponse.newBuilder().setModel(model.registered().getName());
    long characters = request.getTextsList().stream().mapToLong(String::length).sum();
    try {
      if (request.getBody().isEmpty()) {
        return calls.whole(
            model,
            "/embeddings",
            body(model, request),
            (endpoint, answer, key) ->
                vectors(
                    endpoint,
                    EndpointProbe.tree(endpoint, answer, key),
                    usage(endpoint, answer, characters, characters),
                    request,
                    response));
      }
      byte[] body =
          RequestBody.rewrite(request.getBody().toByteArray(), model.remoteName()).bytes();
      return calls.whole(
          model,
          "/embeddings",
          body,
          (endpoint, answer, _) -> {
            Usage usage = usage(endpoint, answer, Math.max(characters, body.length), body.length);
            return response
                .setBody(ByteString.copyFrom(answer))
                .setPromptTokens(usage.getPromptTokens())
                .setEstimated(usage.getEstimated())
                .build();
          });
    } catch (EndpointException e) {
      throw new FailureException(e.failure(), e);
    }
  }

  private static byte[] body(RemoteModel model, EmbedRequest request) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model.remoteName());
    ArrayNode input = body.putArray("input");
    request.getTextsList().forEach(input::add);
    return ChatBody.bytes(body);
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
      if (index < 0 || index >= byIndex.length || !entry.path("embedding").isArray()) {
        throw EndpointFailures.malformed(endpoint, "an embedding is not what it should be", null);
      }
      byIndex[index] = unit(entry.path("embedding"));
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

  /** As the contract has them: of length 1. */
  private static Embedding unit(JsonNode values) {
    double squares = 0;
    for (JsonNode value : values) {
      squares += value.doubleValue() * value.doubleValue();
    }
    double length = squares > 0 ? Math.sqrt(squares) : 1;
    Embedding.Builder embedding = Embedding.newBuilder();
    for (JsonNode value : values) {
      embedding.addValues((float) (value.doubleValue() / length));
    }
    return embedding.build();
  }
}
