package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.registry.Refusal;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * What somebody asks in the playground, whoever is asked.
 *
 * @param system instructions; blank for none
 * @param prompt the question
 * @param sampling how tokens are drawn; its ranges are the router's to check
 */
record Question(String system, String prompt, Sampling sampling) {

  /** Most characters of both texts together. */
  static final int LONGEST = 65_536;

  /**
   * Reads it from the form.
   *
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Malformed}
   */
  static Question of(Form form) {
    String system = form.typed("system");
    String prompt = form.typed("prompt");
    if (prompt.isBlank()) {
      throw Refusal.malformed("prompt", "There is no question.");
    }
    if (system.length() + prompt.length() > LONGEST) {
      throw Refusal.malformed(
          "prompt",
          "Question and instructions have %,d characters together; at most %,d are taken."
              .formatted(system.length() + prompt.length(), LONGEST));
    }
    Sampling.Builder sampling = Sampling.newBuilder();
    Double temperature = number(form, "temperature", "a number", Double::valueOf);
    if (temperature != null) {
      sampling.setTemperature(temperature);
    }
    Double topP = number(form, "top_p", "a number", Double::valueOf);
    if (topP != null) {
      sampling.setTopP(topP);
    }
    Integer maxTokens = number(form, "max_tokens", "a whole number", Integer::valueOf);
    if (maxTokens != null) {
      sampling.setMaxTokens(maxTokens);
    }
    Long seed = number(form, "seed", "a whole number", Long::valueOf);
    if (seed != null) {
      sampling.setSeed(seed);
    }
    return new Question(system, prompt, sampling.build());
  }

  private static <N extends Number> N number(
      Form form, String field, String kind, Function<String, N> parse) {
    String typed = form.text(field);
    if (typed == null) {
      return null;
    }
    try {
      N number = parse.apply(typed);
      if (Double.isFinite(number.doubleValue())) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw Refusal.malformed(field, "%s must be %s.".formatted(field, kind));
  }

  /**
   * The question to one.
   *
   * @param id of the request and its decision
   * @param alternatives how many other tokens are told of each; empty where nothing is told of them
   */
  GenerateRequest to(String name, String id, OptionalInt alternatives) {
    GenerateRequest.Builder request = GenerateRequest.newBuilder().setRequestId(id).setName(name);
    if (!system.isBlank()) {
      request.addMessages(message(Role.ROLE_SYSTEM, system));
    }
    request.addMessages(message(Role.ROLE_USER, prompt));
    Sampling.Builder its = sampling.toBuilder();
    alternatives.ifPresent(top -> its.setLogprobs(true).setTopLogprobs(top));
    return request.setSampling(its).build();
  }

  private static Message message(Role role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }

  /** The same as a call of the router's REST. */
  Curl call(String frontDoor, String name) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", name);
    var messages = body.putArray("messages");
    if (!system.isBlank()) {
      messages.addObject().put("role", "system").put("content", system);
    }
    messages.addObject().put("role", "user").put("content", prompt);
    if (sampling.hasTemperature()) {
      body.put("temperature", sampling.getTemperature());
    }
    if (sampling.hasTopP()) {
      body.put("top_p", sampling.getTopP());
    }
    if (sampling.hasMaxTokens()) {
      body.put("max_tokens", sampling.getMaxTokens());
    }
    if (sampling.hasSeed()) {
      body.put("seed", sampling.getSeed());
    }
    body.put("stream", true);
    return Curl.change(
        "Ask '%s' at the front door, with -H 'Authorization: Bearer tk-...' where keys are asked for"
            .formatted(name),
        frontDoor,
        "POST",
        "/v1/chat/completions",
        null,
        body.toString());
  }
}
