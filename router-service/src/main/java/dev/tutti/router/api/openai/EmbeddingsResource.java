package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.Embedding;
import dev.tutti.router.access.Needs;
import dev.tutti.router.answer.Embeddings;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** OpenAI's embeddings. */
@Path("/v1/embeddings")
public class EmbeddingsResource {

  private static final int MOST_TEXTS = 2_048;

  private final Embeddings embeddings;
  private final Bodies bodies;

  EmbeddingsResource(Embeddings embeddings, Bodies bodies) {
    this.embeddings = embeddings;
    this.bodies = bodies;
  }

  private record Request(String model, List<String> texts, boolean base64, OptionalInt dimensions) {

    static Request parse(JsonFields fields) {
      String model = fields.requiredText("model");
      List<String> texts = texts(fields.required("input"));
      String format = fields.text("encoding_format").orElse("float");
      if (!format.equals("float") && !format.equals("base64")) {
        throw ApiException.invalid(
            "invalid_value", "encoding_format", "encoding_format must be 'float' or 'base64'.");
      }
      OptionalInt dimensions = fields.smallNumber("dimensions");
      fields.text("user");
      fields.refuseOthers(Map.of());
      return new Request(model, texts, format.equals("base64"), dimensions);
    }

    private static List<String> texts(JsonNode input) {
      var texts = new ArrayList<String>();
      if (input.isArray()) {
        for (JsonNode text : input) {
          if (!text.isTextual()) {
            throw ApiException.invalid(
                "unsupported_value",
                "input",
                "input must be text; lists of tokens are not served.");
          }
          texts.add(JsonFields.text(text, "input"));
        }
      } else {
        texts.add(JsonFields.text(input, "input"));
      }
      if (texts.isEmpty() || texts.size() > MOST_TEXTS || texts.contains("")) {
        throw ApiException.invalid(
            "invalid_value",
            "input",
            "input must be 1 to %d texts, none of them empty.".formatted(MOST_TEXTS));
      }
      return texts;
    }
  }

  /** Embeds one text or several. */
  @Needs
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public Response embed(InputStream body, @Context RoutingContext http) {
    byte[] bytes = bodies.read(body);
    JsonFields fields = JsonFields.parse(bytes);
    String model = fields.requiredText("model");
    embeddings.requireEmbedding(model);
    if (embeddings.takesWire(model)) {
      return relay(model, bytes, http);
    }
    bodies.requireForUs(bytes);
    Request request = Request.parse(fields);
    String id = DecisionHeaders.identify(http);
    try (RestCall _ = RestCall.open(http)) {
      var embedded = embeddings.embed(id, request.model(), request.texts());
      requireDimensions(request, embedded.response());
      return DecisionHeaders.withCost(
              Response.ok(json(request, embedded.response()), MediaType.APPLICATION_JSON_TYPE)
                  .header(DecisionHeaders.MEMBER, embedded.member()),
              embedded.costUsd())
          .build();
    }
  }

  private Response relay(String model, byte[] body, RoutingContext http) {
    String id = DecisionHeaders.identify(http);
    try (RestCall _ = RestCall.open(http)) {
      var embedded = embeddings.relay(id, model, body);
      return DecisionHeaders.withCost(
              Response.ok(
                      embedded.response().getBody().toByteArray(), MediaType.APPLICATION_JSON_TYPE)
                  .header(DecisionHeaders.MEMBER, embedded.member()),
              embedded.costUsd())
          .build();
    }
  }

  private static void requireDimensions(Request request, EmbedResponse response) {
    int length = response.getEmbeddings(0).getValuesCount();
    request
        .dimensions()
        .ifPresent(
            wanted -> {
              if (wanted != length) {
                throw ApiException.invalid(
                    "unsupported_value",
                    "dimensions",
                    "dimensions is %d; '%s' has %d and cannot be cut."
                        .formatted(wanted, request.model(), length));
              }
            });
  }

  private static ObjectNode json(Request request, EmbedResponse response) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (int i = 0; i < response.getEmbeddingsCount(); i++) {
      ObjectNode entry = data.addObject().put("object", "embedding").put("index", i);
      Embedding embedding = response.getEmbeddings(i);
      if (request.base64()) {
        entry.put("embedding", base64(embedding));
      } else {
        ArrayNode values = entry.putArray("embedding");
        embedding.getValuesList().forEach(values::add);
      }
    }
    json.put("model", request.model())
        .putObject("usage")
        .put("prompt_tokens", response.getPromptTokens())
        .put("total_tokens", response.getPromptTokens());
    return json;
  }

  private static String base64(Embedding embedding) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * embedding.getValuesCount())
            .order(ByteOrder.LITTLE_ENDIAN);
    embedding.getValuesList().forEach(bytes::putFloat);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
