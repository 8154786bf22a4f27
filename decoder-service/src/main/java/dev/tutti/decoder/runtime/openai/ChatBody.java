package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.Turn;
import dev.tutti.generation.v1.Sampling;
import java.util.List;
import java.util.Set;

/** Requests that this service writes itself. */
final class ChatBody {

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
    body.put("stream", true).putObject("stream_options").put("include_usage", true);
    return new OwnBody(body, Set.of("stream", "stream_options"));
  }
}
