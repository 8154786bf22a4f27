package dev.tutti.fusion.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tutti.fusion.AnswerSchema;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.WireForm;
import dev.tutti.generation.v1.WireRequest;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AskedSchemaTest {

  private static Optional<AnswerSchema> asked(String body) {
    return AskedSchema.of(
        GenerateRequest.newBuilder()
            .setWire(
                WireRequest.newBuilder()
                    .setForm(WireForm.WIRE_FORM_CHAT)
                    .setBody(ByteString.copyFromUtf8(body.replace('\'', '"')))
                    .setUninterpreted("response_format"))
            .build());
  }

  private static String format(String format) {
    return "{'messages': [{'response_format': 1}], 'response_format': %s, 'n': 1}"
        .formatted(format);
  }

  @Test
  void theSchemaOfTheResponseFormatIsRead() {
    AnswerSchema schema =
        asked(
                format(
                    "{'json_schema': {'name': 'x', 'schema': {'required': ['a']}}, 'type':"
                        + " 'json_schema'}"))
            .orElseThrow();
    assertTrue(schema.accepts("{\"a\": 1}"));
    assertFalse(schema.accepts("{}"));
  }

  @Test
  void otherFormatsNameNone() {
    for (String body :
        new String[] {
          "{}",
          "[]",
          "no JSON",
          format("null"),
          format("'json_schema'"),
          format("{'type': 'json_object'}"),
          format("{'type': 'json_schema'}"),
          format("{'type': 'json_schema', 'json_schema': {}}"),
          format("{'type': 'text', 'json_schema': {'schema': {}}}")
        }) {
      assertEquals(Optional.empty(), asked(body), body);
    }
    assertEquals(Optional.empty(), AskedSchema.of(GenerateRequest.getDefaultInstance()));
  }

  @Test
  void oneThatNobodyCanValidateByIsTheCallers() {
    var e =
        assertThrows(
            FailureException.class,
            () ->
                asked(
                    format(
                        "{'type': 'json_schema', 'json_schema': {'schema': {'$ref': 'http://x'}}}")));
    var failure = assertInstanceOf(Failure.InvalidArgument.class, e.failure());
    assertEquals("response_format.json_schema.schema", failure.field());
    assertEquals("INVALID_SCHEMA", failure.reason());
  }
}
