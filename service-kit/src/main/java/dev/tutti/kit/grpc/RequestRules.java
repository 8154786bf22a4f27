package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.CacheUse;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What generation.proto says of every {@code GenerateRequest}, whoever is to answer it. */
public final class RequestRules {

  /** How many ensembles a request passes through at most. */
  public static final int MAX_DEPTH = 8;

  /** How many messages a request has at most. */
  public static final int MAX_MESSAGES = 1_024;

  /** How many answers may be wanted at once. */
  public static final int MAX_CHOICES = 16;

  private static final int MAX_ID = 128;
  private static final int MAX_STOPS = 4;
  private static final int MAX_STOP = 256;
  private static final int MAX_TOP_LOGPROBS = 20;
  private static final int MAX_PENALTY = 2;
  private static final int MAX_BIAS = 100;
  private static final int MAX_BIASES = 1_024;
  private static final int MAX_BIAS_TEXT = 256;
  // Of all texts: each of them is looked for at every step.
  private static final int MAX_BIAS_BYTES = 32_768;

  private RequestRules() {}

  /**
   * Holds a request against the contract; says nothing of its target.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the first field that is wrong
   */
  public static void check(GenerateRequest request) {
    require(
        request.getRequestId().length() <= MAX_ID,
        "request_id",
        "request_id has %d characters; at most %d are allowed."
            .formatted(request.getRequestId().length(), MAX_ID));
    require(
        request.getRequestId().chars().allMatch(c -> c >= ' ' && c <= '~'),
        "request_id",
        "request_id holds a character that is not allowed; it takes printable ASCII only.");
    require(
        request.getDepth() >= 0 && request.getDepth() <= MAX_DEPTH,
        "depth",
        "The request has passed through %d ensembles; 0 to %d are allowed."
            .formatted(request.getDepth(), MAX_DEPTH));
    require(
        request.getChoices() >= 0 && request.getChoices() <= MAX_CHOICES,
        "choices",
        "%d answers are wanted; 1 to %d are allowed.".formatted(request.getChoices(), MAX_CHOICES));
    require(
        request.getCache() != CacheUse.UNRECOGNIZED,
        "cache",
        "cache is %d; 0 (as the ensemble says), 1 (bypass) and 2 (refresh) are allowed."
            .formatted(request.getCacheValue()));
    checkMessages(request.getMessagesList());
    checkSampling(request.getSampling());
  }

  /**
   * Refuses a request whose wire form says more than its messages and sampling, for whoever works
   * with these alone.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the field
   */
  public static void requireInterpreted(GenerateRequest request) {
    String field = request.getWire().getUninterpreted();
    if (!field.isEmpty()) {
      throw new Failure.InvalidArgument(
              field,
              "UNSUPPORTED_PARAMETER",
              "'%s' is not supported by whom the request names: only models behind endpoints take it."
                  .formatted(field))
          .exception();
    }
  }

  /**
   * Refuses a request for several answers, for whoever gives one at a time.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the field
   */
  public static void requireOneChoice(GenerateRequest request) {
    require(
        request.getChoices() <= 1,
        "choices",
        "%d answers are wanted; several at once are router-service's to give."
            .formatted(request.getChoices()));
  }

  private static void checkMessages(List<Message> messages) {
    require(
        !messages.isEmpty() && messages.size() <= MAX_MESSAGES,
        "messages",
        "There are %d messages; 1 to %d are allowed.".formatted(messages.size(), MAX_MESSAGES));
    for (int i = 0; i < messages.size(); i++) {
      Role role = messages.get(i).getRole();
      require(
          role != Role.ROLE_UNSPECIFIED && role != Role.UNRECOGNIZED,
          "messages[%d].role".formatted(i),
          "A message needs a role: system, user or assistant.");
    }
  }

  private static void checkSampling(Sampling sampling) {
    require(
        !sampling.hasTemperature()
            || (sampling.getTemperature() >= 0 && sampling.getTemperature() <= 2),
        "sampling.temperature",
        "temperature is %s; 0 to 2 are allowed.".formatted(sampling.getTemperature()));
    require(
        !sampling.hasTopP() || (sampling.getTopP() > 0 && sampling.getTopP() <= 1),
        "sampling.top_p",
        "top_p is %s; it must be above 0 and at most 1.".formatted(sampling.getTopP()));
    require(
        !sampling.hasTopK() || sampling.getTopK() >= 1,
        "sampling.top_k",
        "top_k is %d; at least 1 is allowed.".formatted(sampling.getTopK()));
    require(
        !sampling.hasMaxTokens() || sampling.getMaxTokens() >= 1,
        "sampling.max_tokens",
        "max_tokens is %d; at least 1 is allowed.".formatted(sampling.getMaxTokens()));
    require(
        sampling.getStopCount() <= MAX_STOPS,
        "sampling.stop",
        "There are %d stop strings; at most %d are allowed."
            .formatted(sampling.getStopCount(), MAX_STOPS));
    for (String stop : sampling.getStopList()) {
      require(
          !stop.isEmpty() && stop.length() <= MAX_STOP,
          "sampling.stop",
          "A stop string has %d characters; 1 to %d are allowed."
              .formatted(stop.length(), MAX_STOP));
    }
    int top = sampling.getTopLogprobs();
    require(
        top >= 0 && top <= MAX_TOP_LOGPROBS,
        "sampling.top_logprobs",
        "top_logprobs is %d; 0 to %d are allowed.".formatted(top, MAX_TOP_LOGPROBS));
    require(
        top == 0 || sampling.getLogprobs(),
        "sampling.top_logprobs",
        "top_logprobs is %d, which needs logprobs to be true.".formatted(top));
    checkPenalty("frequency_penalty", sampling.getFrequencyPenalty());
    checkPenalty("presence_penalty", sampling.getPresencePenalty());
    checkBias(sampling.getLogitBiasMap());
  }

  private static void checkPenalty(String name, double penalty) {
    require(
        Math.abs(penalty) <= MAX_PENALTY,
        "sampling." + name,
        "%s is %s; -2 to 2 are allowed.".formatted(name, penalty));
  }

  private static void checkBias(Map<String, Double> biases) {
    require(
        biases.size() <= MAX_BIASES,
        "sampling.logit_bias",
        "logit_bias has %d entries; at most %d are allowed.".formatted(biases.size(), MAX_BIASES));
    long bytes = 0;
    for (String key : biases.keySet()) {
      if (BiasKey.of(key) instanceof BiasKey.Text(String text)) {
        bytes += text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    require(
        bytes <= MAX_BIAS_BYTES,
        "sampling.logit_bias",
        "The texts of logit_bias have %d bytes together; at most %d are allowed."
            .formatted(bytes, MAX_BIAS_BYTES));
    biases.forEach(
        (key, bias) -> {
          switch (BiasKey.of(key)) {
            case BiasKey.Token(int id) ->
                require(
                    id >= 0,
                    "sampling.logit_bias",
                    "logit_bias names the token %s; ids are 0 to %d."
                        .formatted(cut(key), Integer.MAX_VALUE));
            case BiasKey.Text(String text) -> {
              int length = text.codePointCount(0, text.length());
              require(
                  length >= 1 && length <= MAX_BIAS_TEXT,
                  "sampling.logit_bias",
                  "logit_bias names a text of %d characters; 1 to %d are allowed."
                      .formatted(length, MAX_BIAS_TEXT));
            }
          }
          require(
              Math.abs(bias) <= MAX_BIAS,
              "sampling.logit_bias",
              "logit_bias of '%s' is %s; -100 to 100 are allowed.".formatted(cut(key), bias));
        });
  }

  private static String cut(String key) {
    return key.length() <= 40 ? key : key.substring(0, 40) + "...";
  }

  /** The first field of a sampling that is wrong, and why; empty where none is. */
  public static Optional<Failure.InvalidArgument> wrong(Sampling sampling) {
    try {
      checkSampling(sampling);
      return Optional.empty();
    } catch (FailureException e) {
      return Optional.of((Failure.InvalidArgument) e.failure());
    }
  }

  /**
   * What must hold of a request.
   *
   * @throws FailureException ({@link Failure.InvalidArgument}) names the field where it does not
   */
  public static void require(boolean condition, String field, String message) {
    if (!condition) {
      throw Failure.invalid(field, message);
    }
  }
}
