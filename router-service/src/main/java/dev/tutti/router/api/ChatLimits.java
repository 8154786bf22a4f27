package dev.tutti.router.api;

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
          "name", "Messages are told apart by their role only.",
          "tool_calls", "Tools are not served.",
          "tool_call_id", "Tools are not served.",
          "function_call", "Tools are not served.",
          "audio", "Text only.",
          "refusal", "Only an assistant refuses.",
          "annotations", "Text only.");

  private ChatLimits() {}

  /** Fields of which only the value that changes nothing is served. */
  static void requireDefaults(JsonFields fields) {
    fields.text("user");
    fields
        .smallNumber("n")
        .ifPresent(n -> require(n == 1, "n", "n is %d; only 1 is served.".formatted(n)));
    for (String penalty : List.of("presence_penalty", "frequency_penalty")) {
      fields
          .number(penalty)
          .ifPresent(
              p -> require(p == 0, penalty, "%s is %s; only 0 is served.".formatted(penalty, p)));
    }
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
    fields
        .node("modalities")
        .ifPresent(
            modalities ->
                require(
                    modalities.size() == 1 && modalities.path(0).asText().equals("text"),
                    "modalities",
                    "Only [\"text\"] is served as modalities."));
    fields
        .text("service_tier")
        .ifPresent(
            tier ->
                require(
                    tier.equals("auto") || tier.equals("default"),
                    "service_tier",
                    "service_tier is '%s'; there is only 'default'."
                        .formatted(ChatRequest.cut(tier))));
    fields
        .node("tool_choice")
        .ifPresent(
            choice ->
                require(
                    choice.asText().equals("none"),
                    "tool_choice",
                    "Tools are not served; only 'none' is allowed as tool_choice."));
  }

  private static void require(boolean condition, String param, String message) {
    if (!condition) {
      throw ApiException.invalid("unsupported_value", param, message);
    }
  }

  private static Map<String, String> unserved() {
    var fields = new TreeMap<String, String>();
    fields.put("logit_bias", "The members' tokenizers differ.");
    for (String tools : List.of("tools", "parallel_tool_calls", "functions", "function_call")) {
      fields.put(tools, "Tools are not served.");
    }
    for (String modality : List.of("audio", "prediction", "web_search_options")) {
      fields.put(modality, "Text only.");
    }
    for (String storage : List.of("store", "metadata")) {
      fields.put(storage, "Conversations are not stored.");
    }
    for (String hint :
        List.of(
            "reasoning_effort",
            "verbosity",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention")) {
      fields.put(hint, "");
    }
    return fields;
  }
}
