package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A whole answer as the events of a stream: some endpoints do not stream, whatever is asked. */
final class WholeAnswer {

  private static final ObjectMapper JSON = new ObjectMapper();

  private WholeAnswer() {}

  /**
   * The events that say the same, the end mark among them; none where it is no whole answer.
   *
   * @param answer what came instead of events
   */
  static List<byte[]> events(byte[] answer) {
    try {
      if (!(JSON.readTree(answer) instanceof ObjectNode chunk)
          || !chunk.path("choices").isArray()) {
        return List.of();
      }
      if (chunk.path("object").asText().equals("chat.completion")) {
        chunk.put("object", "chat.completion.chunk");
      }
      for (JsonNode choice : chunk.path("choices")) {
        if (choice instanceof ObjectNode its && its.has("message")) {
          its.set("delta", its.remove("message"));
          number(its.path("delta").path("tool_calls"));
        }
      }
      JsonNode usage = chunk.remove("usage");
      var events = new ArrayList<byte[]>();
      events.add(event(chunk.toString()));
      if (usage != null && usage.isObject()) {
        chunk.putArray("choices");
        chunk.set("usage", usage);
        events.add(event(chunk.toString()));
      }
      events.add(event("[DONE]"));
      return events;
    } catch (IOException e) {
      return List.of();
    }
  }

  /** In a stream their places are told, since they come in pieces. */
  private static void number(JsonNode calls) {
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i) instanceof ObjectNode call) {
        call.put("index", i);
      }
    }
  }

  private static byte[] event(String data) {
    return "data: %s\n\n".formatted(data).getBytes(StandardCharsets.UTF_8);
  }
}
