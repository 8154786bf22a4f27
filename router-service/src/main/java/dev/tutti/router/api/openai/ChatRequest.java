package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.router.answer.EndpointFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A chat completion request. Types and names are held against OpenAI's API here, ranges against the
 * contract ({@code RequestRules}). What is wrong by these is no error yet: an endpoint gets the
 * request as it was written, and is the one to judge it.
 *
 * @param model a model or an ensemble
 * @param messages the conversation
 * @param sampling how tokens are drawn
 * @param choices how many answers are wanted; at least 1
 * @param stream whether the answer comes in pieces
 * @param includeUsage whether the last piece tells the usage
 * @param unserved what only a model behind an endpoint may do, as everybody else refuses it; empty
 *     where everybody may answer
 */
record ChatRequest(
    String model,
    List<Message> messages,
    Sampling sampling,
    int choices,
    boolean stream,
    boolean includeUsage,
    List<ApiException> unserved) {

  /**
   * The rest of a request.
   *
   * @param model as its field says, which has been read
   */
  static ChatRequest parse(String model, JsonFields fields) {
    var unserved = new Unserved();
    List<Message> messages = ChatMessages.read(fields, unserved);
    Sampling sampling = sampling(fields, unserved);
    int choices = choices(fields, unserved);
    boolean stream = fields.flag("stream");
    boolean includeUsage = includeUsage(fields, stream, unserved);
    ChatLimits.defaults(fields).forEach(unserved::check);
    unserved.refusals.addAll(fields.others(ChatLimits.UNSERVED));
    return new ChatRequest(
        model, messages, sampling, choices, stream, includeUsage, List.copyOf(unserved.refusals));
  }

  /**
   * Refusals of what an endpoint may do, though its answer is read here: it is in order, but
   * nothing that Tutti does itself.
   */
  List<ApiException> passable() {
    return unserved.stream().filter(ChatRequest::isPassable).toList();
  }

  /** Refusals of what only an endpoint's own answer may be an answer to, and of what is wrong. */
  List<ApiException> impassable() {
    return unserved.stream().filter(e -> !isPassable(e)).toList();
  }

  private static boolean isPassable(ApiException e) {
    return e.isUnserved() && !EndpointFields.contains(e.error().param());
  }

  /** Keeps the refusals of what only an endpoint may do. */
  static final class Unserved {

    private final List<ApiException> refusals = new ArrayList<>();

    /** Whether everybody serves what is checked. */
    boolean check(Runnable check) {
      try {
        check.run();
        return true;
      } catch (ApiException e) {
        add(e);
        return false;
      }
    }

    void add(ApiException refusal) {
      refusals.add(refusal);
    }

    List<ApiException> refusals() {
      return refusals;
    }
  }

  private static Sampling sampling(JsonFields fields, Unserved unserved) {
    Sampling.Builder sampling = Sampling.newBuilder();
    List<Runnable> readings =
        List.of(
            () -> fields.number("temperature").ifPresent(sampling::setTemperature),
            () -> fields.number("top_p").ifPresent(sampling::setTopP),
            () -> fields.smallNumber("top_k").ifPresent(sampling::setTopK),
            () -> fields.number("frequency_penalty").ifPresent(sampling::setFrequencyPenalty),
            () -> fields.number("presence_penalty").ifPresent(sampling::setPresencePenalty),
            () -> fields.node("logit_bias").ifPresent(its -> sampling.putAllLogitBias(bias(its))),
            () -> fields.wholeNumber("seed").ifPresent(sampling::setSeed),
            () -> maxTokens(fields).ifPresent(sampling::setMaxTokens),
            () -> sampling.setLogprobs(fields.flag("logprobs")),
            () -> fields.smallNumber("top_logprobs").ifPresent(sampling::setTopLogprobs),
            () -> fields.node("stop").ifPresent(stop -> sampling.addAllStop(stop(stop))));
    readings.forEach(unserved::check);
    for (var wrong = RequestRules.wrong(sampling.build());
        wrong.isPresent();
        wrong = RequestRules.wrong(sampling.build())) {
      unserved.add(new ApiException(ApiError.of(wrong.get())));
      String field = wrong.get().field();
      sampling.clearField(
          Sampling.getDescriptor().findFieldByName(field.substring(field.indexOf('.') + 1)));
    }
    return sampling.build();
  }

  private static int choices(JsonFields fields, Unserved unserved) {
    var choices = new int[] {1};
    unserved.check(
        () -> {
          int n = fields.smallNumber("n").orElse(1);
          ChatLimits.require(
              n >= 1 && n <= RequestRules.MAX_CHOICES,
              "n",
              "n is %d; 1 to %d are served.".formatted(n, RequestRules.MAX_CHOICES));
          choices[0] = n;
        });
    return choices[0];
  }

  private static OptionalInt maxTokens(JsonFields fields) {
    OptionalInt old = fields.smallNumber("max_tokens");
    OptionalInt current = fields.smallNumber("max_completion_tokens");
    if (current.isPresent() && current.getAsInt() < 1) {
      throw ApiException.invalid(
          "invalid_value",
          "max_completion_tokens",
          "max_completion_tokens is %d; at least 1 is allowed.".formatted(current.getAsInt()));
    }
    if (old.isPresent() && current.isPresent() && !old.equals(current)) {
      throw ApiException.invalid(
          "invalid_value",
          "max_tokens",
          "max_tokens is %d and max_completion_tokens %d; give one of them."
              .formatted(old.getAsInt(), current.getAsInt()));
    }
    return current.isPresent() ? current : old;
  }

  private static Map<String, Double> bias(JsonNode biases) {
    if (!biases.isObject()) {
      throw JsonFields.wrongType("logit_bias", "an object of numbers", biases);
    }
    var all = new LinkedHashMap<String, Double>();
    for (var each : biases.properties()) {
      String key = JsonFields.text(TextNode.valueOf(each.getKey()), "logit_bias");
      if (!each.getValue().isNumber()) {
        throw ApiException.invalid(
            "invalid_type",
            "logit_bias",
            "logit_bias of '%s' must be a number, but it is %s."
                .formatted(
                    cut(key), each.getValue().getNodeType().name().toLowerCase(Locale.ROOT)));
      }
      all.put(key, each.getValue().doubleValue());
    }
    return all;
  }

  private static List<String> stop(JsonNode stop) {
    if (stop.isTextual()) {
      return List.of(stop.textValue());
    }
    if (!stop.isArray()) {
      throw JsonFields.wrongType("stop", "a string or a list of strings", stop);
    }
    var strings = new ArrayList<String>();
    stop.forEach(node -> strings.add(JsonFields.text(node, "stop")));
    return strings;
  }

  private static boolean includeUsage(JsonFields fields, boolean stream, Unserved unserved) {
    Optional<JsonNode> node = fields.node("stream_options");
    if (node.isEmpty()) {
      return false;
    }
    if (!stream) {
      // As OpenAI does; others take it.
      unserved.check(
          () -> {
            throw ApiException.invalid(
                "unsupported_value",
                "stream_options",
                "stream_options is for a stream; it needs stream to be true.");
          });
      return false;
    }
    JsonFields options = JsonFields.of(node.get(), "stream_options");
    boolean includeUsage = options.flag("include_usage");
    unserved.refusals.addAll(
        options.others(Map.of("include_obfuscation", "Pieces are sent as they are.")));
    return includeUsage;
  }

  static String cut(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
