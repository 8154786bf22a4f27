package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.Turn;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.Failure;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Chat completions that this service writes itself, or that it makes of its caller's. */
final class ChatBody {

  /** Of OpenAI's chat completions. */
  private static final List<String> NEITHER_TEXT_NOR_CALLS =
      List.of("audio", "modalities", "functions", "function_call");

  private static final ObjectReader JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      // An image is one string.
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private ChatBody() {}

  /**
   * A streamed chat completion with these turns, which tells its usage. That it is a stream and
   * tells it is this service's own wish; the rest is its caller's.
   */
  static OwnBody of(String model, List<Turn> turns, Sampling sampling) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model);
    ArrayNode messages = body.putArray("messages");
    for (Turn turn : turns) {
      messages.addObject().put("role", turn.role()).put("content", turn.content());
    }
    draw(body, sampling);
    return streamed(body);
  }

  /**
   * A caller's own chat completion, as a member of an ensemble is asked: one answer, streamed,
   * drawn as the ensemble says, and by the caller's word where it says nothing. Everything else
   * stays as it is, but for what asks for an answer that is neither text nor calls of tools.
   *
   * @param given a JSON object
   * @throws dev.tutti.kit.grpc.FailureException when it is none
   */
  static OwnBody of(String model, byte[] given, Sampling sampling) {
    ObjectNode body = parse(given);
    body.remove(NEITHER_TEXT_NOR_CALLS);
    body.put("model", model);
    body.remove(List.of("n", "logprobs", "top_logprobs"));
    boolean renamed = body.has("max_completion_tokens");
    draw(body, sampling);
    if (sampling.hasMaxTokens() && renamed) {
      body.set("max_completion_tokens", body.remove("max_tokens"));
    }
    return streamed(body);
  }

  private static ObjectNode parse(byte[] given) {
    try {
      if (JSON.readTree(ByteOrderMark.skip(given)) instanceof ObjectNode body) {
        return body;
      }
    } catch (IOException e) {
      // Said below.
    }
    throw Failure.invalid("wire.body", "The body is no JSON object.");
  }

  /** How tokens are drawn, as far as it is said. */
  private static void draw(ObjectNode body, Sampling sampling) {
    if (sampling.hasTemperature()) {
      body.put("temperature", sampling.getTemperature());
    }
    if (sampling.hasTopP()) {
      body.put("top_p", sampling.getTopP());
    }
    if (sampling.hasTopK()) {
      body.put("top_k", sampling.getTopK());
    }
    if (sampling.hasSeed()) {
      body.put("seed", sampling.getSeed());
    }
    if (sampling.hasMaxTokens()) {
      body.put("max_tokens", sampling.getMaxTokens());
    }
    if (sampling.hasFrequencyPenalty()) {
      body.put("frequency_penalty", sampling.getFrequencyPenalty());
    }
    if (sampling.hasPresencePenalty()) {
      body.put("presence_penalty", sampling.getPresencePenalty());
    }
    if (sampling.getLogitBiasCount() > 0) {
      ObjectNode biases = body.putObject("logit_bias");
      sampling.getLogitBiasMap().forEach((key, bias) -> biases.put(key, bias));
    }
    if (sampling.getStopCount() > 0) {
      ArrayNode stop = body.putArray("stop");
      sampling.getStopList().forEach(stop::add);
    }
    if (sampling.getLogprobs()) {
      body.put("logprobs", true);
      if (sampling.getTopLogprobs() > 0) {
        body.put("top_logprobs", sampling.getTopLogprobs());
      }
    }
  }

  private static OwnBody streamed(ObjectNode body) {
    body.put("stream", true).putObject("stream_options").put("include_usage", true);
    return new OwnBody(body, Set.of("stream", "stream_options"));
  }
}
