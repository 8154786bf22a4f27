package dev.tutti.decoder.runtime.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tutti.kit.grpc.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusedFieldsTest {

  private static final Set<String> OURS =
      Set.of("stream", "stream_options", "max_tokens", "temperature", "logprobs");

  /** As servers were seen to say it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | {\"error\":{\"message\":\"Unrecognized request argument supplied: stream_options\",\"param\":null}} | stream_options",
        "400 | {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\",\"param\":\"stream_options\"}} | stream_options",
        "400 | {\"error\":{\"message\":\"No.\",\"param\":\"stream_options.include_usage\"}} | stream_options",
        "422 | {\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\"],\"msg\":\"Extra inputs are not permitted\"}]} | stream_options",
        "422 | {\"detail\":[{\"loc\":[\"body\",\"stream_options\",\"include_usage\"],\"msg\":\"extra fields not permitted\",\"type\":\"value_error.extra\"}]} | stream_options",
        "400 | {\"object\":\"error\",\"message\":\"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]\",\"param\":null,\"code\":400} | stream_options",
        "400 | [{\"error\":{\"code\":400,\"message\":\"Unknown name \\\"stream_options\\\": Cannot find field.\"}}] | stream_options",
        "400 | json: unknown field \"stream_options\" | stream_options",
        "500 | {\"error\":{\"code\":500,\"message\":\"Unsupported param: logprobs\"}} | logprobs",
        "400 | {\"error\":{\"message\":\"property 'logprobs' is unsupported\"}} | logprobs",
        "400 | {\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.\",\"param\":\"max_tokens\",\"code\":\"unsupported_parameter\"}} | max_tokens",
        "400 | {\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.\",\"param\":\"temperature\"}} | temperature",
        "400 | {\"error\":{\"message\":\"Your organization must be verified to stream this model.\",\"param\":\"stream\",\"code\":\"unsupported_value\"}} | stream",
        "400 | streaming off: stream is not supported | stream",
        "400 | {\"error\":{\"message\":\"No.\",\"param\":\"/logprobs/logprobs\"}} | logprobs",
        // About something else, whatever it repeats of the request.
        "400 | {\"error\":{\"message\":\"Invalid type for 'messages'; got {stream_options: {}}\",\"param\":\"messages\"}} | ",
        "422 | {\"detail\":[{\"loc\":[\"body\",\"messages\"],\"msg\":\"field required\",\"input\":{\"stream_options\":{}}}]} | ",
        "400 | {\"error\":{\"message\":\"max_tokens is too large: 5000. This model's context is 4096.\"}} | ",
        "400 | {\"error\":{\"message\":\"max_tokens is too large: 5000.\",\"param\":\"max_tokens\"}} | ",
        "400 | {\"error\":{\"message\":\"The stream broke.\"}} | ",
        "500 | {\"error\":{\"message\":\"Fault while stream_options were read\"}} | ",
        "500 | `` | ",
        "401 | {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}} | ",
        "429 | {\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}} | ",
      })
  void whatServersRefuse(int status, String answer, String field) {
    assertEquals(
        field == null ? Set.of() : Set.of(field),
        RefusedFields.named(
            status, answer == null ? new byte[0] : answer.getBytes(StandardCharsets.UTF_8), OURS));
  }

  /** Its limit and its stream are given up one by one, and only where nothing else helps. */
  @Test
  void whoeverSaysNothingMayMeanAnyOfThem() {
    assertEquals(
        Set.of("stream_options", "temperature", "logprobs"),
        RefusedFields.named(400, new byte[0], OURS));
    assertEquals(
        Set.of("stream"), RefusedFields.named(400, new byte[0], Set.of("stream", "max_tokens")));
    assertEquals(Set.of("max_tokens"), RefusedFields.named(400, new byte[0], Set.of("max_tokens")));
  }

  /** Fields that are learned at an endpoint that refuses this one, without a word. */
  private static Set<String> learned(String refusing) {
    var fields = new RefusedFields(Duration.ofHours(1), System::nanoTime);
    var json = JsonNodeFactory.instance.objectNode().put("messages", 1);
    OURS.forEach(field -> json.put(field, 1));
    var asking = new Asking(fields, "/chat/completions", new OwnBody(json, OURS));
    asking.ask(
        () -> {
          if (new String(asking.bytes(), StandardCharsets.UTF_8)
              .contains("\"%s\"".formatted(refusing))) {
            asking.refused(400, new byte[0]);
            throw EndpointException.lasting(new Failure.InvalidArgument("", "REFUSED", "No."));
          }
          return "";
        });
    return fields.known("/chat/completions", OURS);
  }

  @Test
  void ofGuessesOnlyTheOneThatHelpedIsLearned() {
    assertEquals(Set.of("stream_options", "temperature", "logprobs"), learned("stream_options"));
    assertEquals(Set.of("stream"), learned("stream"));
    assertEquals(Set.of("max_tokens"), learned("max_tokens"));
  }

  @Test
  void whatWasFoundIsForgottenAgain() {
    var now = new AtomicLong(Long.MAX_VALUE - 5);
    var fields = new RefusedFields(Duration.ofNanos(10), now::get);
    fields.learn("/completions", Set.of("temperature"));
    assertEquals(Set.of("temperature"), fields.known("/completions", OURS));
    assertEquals(Set.of(), fields.known("/chat/completions", OURS));
    assertEquals(Set.of(), fields.known("/completions", Set.of("stream")));
    now.addAndGet(9);
    assertEquals(Set.of("temperature"), fields.known("/completions", OURS));
    now.addAndGet(1);
    assertEquals(Set.of(), fields.known("/completions", OURS));
  }
}
