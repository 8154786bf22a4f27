package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Finds out how many tokens a model holds at an endpoint, from whatever its kind of server tells.
 * Thread-safe.
 */
final class ContextProbe {

  /** What servers call it, as a whole name or behind a dot; of several the least holds. */
  private static final Set<String> FIELDS =
      Set.of(
          "max_model_len",
          "context_length",
          "context_window",
          "max_context_length",
          "loaded_context_length",
          "max_context_window_tokens",
          "max_sequence_length",
          "max_total_tokens",
          "n_ctx");

  /** A server that only reads has no other bound. */
  private static final String OF_INPUT = "max_input_length";

  /** How long its training texts were: all that an older llama.cpp lists. */
  private static final String OF_TRAINING = "n_ctx_train";

  private static final Pattern OLLAMA_SETTING = Pattern.compile("(?m)^num_ctx\\s+(\\d{1,9})\\s*$");

  private final EndpointCalls calls;

  ContextProbe(EndpointCalls calls) {
    this.calls = calls;
  }

  /**
   * Asks.
   *
   * @param model with one endpoint
   * @return tokens; 0 where it does not say
   * @throws EndpointException when the endpoint is not there, or has no room now
   */
  int find(RemoteModel model) {
    JsonNode listed = entry(models(model), model);
    List<Supplier<OptionalInt>> sources =
        List.of(
            () -> least(listed),
            // llama.cpp; TGI and TEI; LM Studio.
            () -> told(aside(model, "/props", null)),
            () -> told(aside(model, "/info", null)),
            () -> least(entry(aside(model, "/api/v0/models", null), model)),
            () -> ollama(model),
            () -> tokens(listed.findPath(OF_TRAINING)));
    return sources.stream()
        .map(Supplier::get)
        .flatMapToInt(OptionalInt::stream)
        .findFirst()
        .orElse(0);
  }

  private JsonNode models(RemoteModel model) {
    try {
      return calls.whole(model, "/models", EndpointBody.as(null), EndpointProbe::tree);
    } catch (EndpointException e) {
      if (e.passing() || EndpointProbe.isOurs(e)) {
        throw e;
      }
      return MissingNode.getInstance();
    }
  }

  private JsonNode aside(RemoteModel model, String path, byte[] body) {
    return calls.aside(model, path, body, EndpointProbe::tree).orElse(MissingNode.getInstance());
  }

  /** What a list of models says of this one; servers of a single one take any name for it. */
  private static JsonNode entry(JsonNode list, RemoteModel model) {
    JsonNode data = list.path("data");
    for (JsonNode entry : data) {
      if (entry.path("id").asText().equals(model.remoteName())) {
        return entry;
      }
    }
    return data.size() == 1 ? data.get(0) : MissingNode.getInstance();
  }

  private static OptionalInt told(JsonNode page) {
    OptionalInt least = least(page);
    return least.isPresent() ? least : tokens(page.findPath(OF_INPUT));
  }

  private static OptionalInt least(JsonNode node) {
    return IntStream.concat(
            node.properties().stream()
                .filter(field -> FIELDS.contains(field.getKey().replaceFirst("^.*\\.", "")))
                .flatMapToInt(field -> tokens(field.getValue()).stream()),
            node.valueStream().flatMapToInt(below -> least(below).stream()))
        .min();
  }

  private static OptionalInt tokens(JsonNode value) {
    return value.isInt() && value.intValue() > 0
        ? OptionalInt.of(value.intValue())
        : OptionalInt.empty();
  }

  /** Ollama cuts a prompt to its setting in silence, which may be below what the model holds. */
  private OptionalInt ollama(RemoteModel model) {
    byte[] asked =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model.remoteName())
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    JsonNode shown = aside(model, "/api/show", asked);
    Matcher setting = OLLAMA_SETTING.matcher(shown.path("parameters").asText());
    return setting.find()
        ? OptionalInt.of(Integer.parseInt(setting.group(1)))
        : least(shown.path("model_info"));
  }
}
