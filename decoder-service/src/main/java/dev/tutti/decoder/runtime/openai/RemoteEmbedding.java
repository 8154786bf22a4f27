package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.kit.grpc.FailureException;
import java.io.IOException;

/** Embeddings of a model behind endpoints: relayed byte by byte, or of given texts. Thread-safe. */
public final class RemoteEmbedding {

  private static final int CHARACTERS_PER_TOKEN = 4;

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
                vectors(endpoint, EndpointProbe.tree(endpoint, answer, key), request, response));
      }
      byte[] body =
          RequestBody.rewrite(request.getBody().toByteArray(), model.remoteName()).bytes();
      return calls.whole(
          model,
          "/embeddings",
          body,
          (endpoint, answer, _) -> {
            Chunk.Used used = used(endpoint, answer);
            return response
                .setBody(ByteString.copyFrom(answer))
                .setPromptTokens(
                    used == null
                        ? Math.ceilDiv(Math.max(characters, body.length), CHARACTERS_PER_TOKEN)
                        : used.prompt())
                .setEstimated(used == null)
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

  private static Chunk.Used used(String endpoint, byte[] answer) {
    try {
      Chunk chunk = ChunkReader.read(answer);
      if (chunk.failed()) {
        throw EndpointFailures.malformed(endpoint, "it tells of an error", null);
      }
      return chunk.usage();
    } catch (IOException e) {
      throw EndpointFailures.malformed(endpoint, "it is no list of embeddings", e);
    }
  }

  private static EmbedResponse vectors(
      String endpoint, JsonNode answer, EmbedRequest request, EmbedResponse.Builder response) {
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
    JsonNode tokens = answer.path("usage").path("prompt_tokens");
    long characters = request.getTextsList().stream().mapToLong(String::length).sum();
    return response
        .setPromptTokens(
            tokens.isIntegralNumber()
                ? tokens.longValue()
                : Math.ceilDiv(characters, CHARACTERS_PER_TOKEN))
        .setEstimated(!tokens.isIntegralNumber())
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
