package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * How a raw prompt's answer that broke off goes on elsewhere: with the text so far behind the
 * prompt. Chats have no such way: servers that do not know how to go on with a half answer begin a
 * new one.
 */
final class Continuation {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields with which the text so far is not all that there is. */
  private static final List<String> OTHERWISE =
      List.of("suffix", "echo", "logprobs", "best_of", "prompt_logprobs");

  private Continuation() {}

  /**
   * The request for the rest.
   *
   * @param body of the request that broke off
   * @param text so far
   * @param tokens so far
   * @return empty where the rest cannot be asked for
   */
  static Optional<byte[]> of(byte[] body, String text, long tokens) {
    try {
      if (!(JSON.readTree(body) instanceof ObjectNode request)
          || !request.path("prompt").isTextual()
          || request.path("n").asInt(1) != 1
          || OTHERWISE.stream().anyMatch(field -> asks(request.path(field)))) {
        return Optional.empty();
      }
      request.put("prompt", request.path("prompt").textValue() + text);
      if (request.path("max_tokens").isInt()) {
        long left = request.path("max_tokens").longValue() - tokens;
        if (left < 1) {
          return Optional.empty();
        }
        request.put("max_tokens", left);
      }
      return Optional.of(request.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean asks(JsonNode field) {
    return !field.isMissingNode()
        && !field.isNull()
        && !(field.isBoolean() && !field.booleanValue());
  }
}
