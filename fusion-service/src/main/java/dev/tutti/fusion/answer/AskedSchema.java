package dev.tutti.fusion.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tutti.fusion.AnswerSchema;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.kit.grpc.Failure;
import java.io.IOException;
import java.util.Optional;

/** The schema that a request wants its answer to satisfy. */
final class AskedSchema {

  /** The field of a request that brings its schema along with its answers. */
  static final String BROUGHT = "answer_schema";

  private static final JsonMapper JSON = new JsonMapper();

  private AskedSchema() {}

  /**
   * That of the {@code response_format} in the request's wire form, where it is a {@code
   * json_schema}.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) where nobody can
   *     validate by it
   */
  static Optional<AnswerSchema> of(GenerateRequest request) {
    if (request.getWire().getUninterpreted().isEmpty()) {
      return Optional.empty();
    }
    return format(request)
        .filter(format -> format.path("type").asText().equals("json_schema"))
        .map(format -> format.path("json_schema").path("schema"))
        .filter(JsonNode::isContainerNode)
        .map(schema -> checked("response_format.json_schema.schema", schema.toString()));
  }

  /**
   * The schema that a text is.
   *
   * @param field whose value it is
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.InvalidArgument}) where nobody can
   *     validate by it
   */
  static AnswerSchema checked(String field, String schema) {
    try {
      return CheckedSchema.of(schema);
    } catch (IllegalArgumentException e) {
      throw new Failure.InvalidArgument(field, "INVALID_SCHEMA", e.getMessage()).exception();
    }
  }

  /** Nothing else of the body is kept: it may be long. */
  private static Optional<JsonNode> format(GenerateRequest request) {
    Optional<JsonNode> format = Optional.empty();
    try (JsonParser body = JSON.createParser(request.getWire().getBody().newInput())) {
      if (body.nextToken() != JsonToken.START_OBJECT) {
        return format;
      }
      while (body.nextToken() == JsonToken.FIELD_NAME) {
        boolean its = body.currentName().equals("response_format");
        body.nextToken();
        if (its) {
          format = Optional.of(body.readValueAsTree());
        } else {
          body.skipChildren();
        }
      }
    } catch (IOException e) {
      // Whoever is handed the body says what is wrong with it.
      return Optional.empty();
    }
    return format;
  }
}
