package dev.tutti.registry.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.Contracts;

/** Parameters of jobs: a record, and the document that it is kept as. */
final class ParametersJson {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private ParametersJson() {}

  /**
   * Reads them.
   *
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument}
   */
  static <T> T read(Struct struct, Class<T> type) {
    try {
      return JSON.readValue(JsonFormat.printer().print(struct), type);
    } catch (UnrecognizedPropertyException e) {
      throw Failure.invalid(
          "parameters." + e.getPropertyName(),
          "Unknown parameter '%s'.".formatted(e.getPropertyName()));
    } catch (JsonProcessingException | InvalidProtocolBufferException e) {
      throw Failure.invalid("parameters", "The parameters cannot be read.");
    }
  }

  static Struct write(Object parameters) {
    return Contracts.struct("parameters", JSON.<ObjectNode>valueToTree(parameters));
  }
}
