package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A request that this service writes itself.
 *
 * @param json all of it
 * @param dispensable fields without which the answer says as much as is needed
 */
record OwnBody(ObjectNode json, Set<String> dispensable) implements EndpointBody {

  /** Newer names of fields of chats, for endpoints that refuse the older one. */
  private static final Map<String, String> RENAMED = Map.of("max_tokens", "max_completion_tokens");

  /** What makes no sense without another. */
  private static final Map<String, String> DEPENDENT =
      Map.of("logprobs", "top_logprobs", "stream", "stream_options");

  @Override
  public Set<String> added(Set<String> without) {
    var added = new HashSet<>(dispensable);
    if (json.has("messages")) {
      added.addAll(RENAMED.keySet());
    }
    added.removeIf(field -> !json.has(field));
    added.removeAll(without);
    return added;
  }

  @Override
  public byte[] bytes(Set<String> without) {
    ObjectNode its = json.deepCopy();
    for (String field : without) {
      if (RENAMED.containsKey(field) && its.has(field)) {
        its.set(RENAMED.get(field), its.get(field));
      }
      its.remove(field);
      if (DEPENDENT.containsKey(field)) {
        its.remove(DEPENDENT.get(field));
      }
    }
    return its.toString().getBytes(StandardCharsets.UTF_8);
  }
}
