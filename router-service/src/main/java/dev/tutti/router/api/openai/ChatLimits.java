package dev.tutti.router.api.openai;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What of OpenAI's chat completions Tutti itself does not do, and why. */
final class ChatLimits {

  static final Map<String, String> UNSERVED = unserved();
  static final Map<String, String> UNSERVED_OF_CALLS =
      Map.of("tool_calls", "Tools are not served.", "function_call", "Tools are not served.");
  static final Map<String, String> UNSERVED_OF_MESSAGE =
      Map.of(
          "tool_calls", "Tools are not served.",
          "tool_call_id", "Tools are not served.",
          "function_call", "Tools are not served.",
          "audio", "Text only.",
          "refusal", "Only an assistant refuses.",
          "annotations", "Text only.");

  /**
   * Fields that change nothing in an answer: who asks, what the caller keeps or caches, and how
   * dear the call may be to whom.
   */
  private static final List<String> INDIFFERENT =
      List.of(
          "metadata",
          "store",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention",
          "service_tier");

  private ChatLimits() {}

  /** Checks, each by itself, of fields of which only the value that changes nothing is served. */
  static List<Runnable> defaults(JsonFields fields) {
    INDIFFERENT.forEach(fields::node);
    return List.of(
        () -> fields.text("user"),
        () -> requirePlainText(fields),
        () -> requireTextOnly(fields),
        () -> requireNoTools(fields));
  }

  private static void requirePlainText(JsonFields fields) {
    fields
        .node("response_format")
        .ifPresent(
            format ->
                require(
                    format.isObject()
                        && format.size() == 1
                        && format.path("type").asText().equals("text"),
                    "response_format",
                    "Only {\"type\": \"text\"} is served as response_format."));
  }

  private static void requireTextOnly(JsonFields fields) {
    fields
        .node("modalities")
        .ifPresent(
            modalities ->
                require(
                    modalities.size() == 1 && modalities.path(0).asText().equals("text"),
                    "modalities",
                    "Only [\"text\"] is served as modalities."));
  }

  private static void requireNoTools(JsonFields fields) {
    fields
        .node("tool_choice")
        .ifPresent(
            choice ->
                require(
                    choice.asText().equals("none"),
                    "tool_choice",
                    "Tools are not served; only 'none' is allowed as tool_choice."));
  }

  static void require(boolean condition, String param, String message) {
    if (!condition) {
      throw ApiException.invalid("unsupported_value", param, message);
    }
  }

  private static Map<String, String> unserved() {
    var fields = new TreeMap<String, String>();
    for (String tools : List.of("tools", "parallel_tool_calls", "functions", "function_call")) {
      fields.put(tools, "Tools are not served.");
    }
    for (String modality : List.of("audio", "prediction", "web_search_options")) {
      fields.put(modality, "Text only.");
    }
    for (String style : List.of("reasoning_effort", "verbosity")) {
      fields.put(style, "");
    }
    return fields;
  }
}
