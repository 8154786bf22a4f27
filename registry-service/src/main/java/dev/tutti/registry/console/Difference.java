package dev.tutti.registry.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A field that differs between two documents.
 *
 * @param field its path, e.g. {@code members[1].weight}
 * @param before null where it was absent
 * @param after null where it is absent
 */
public record Difference(String field, String before, String after) {

  /** What differs anyway between two versions. */
  private static final Set<String> ALWAYS = Set.of("version", "updated_at");

  /**
   * All fields that differ, in the order of the documents.
   *
   * @param before null for nothing
   * @param after null for nothing
   */
  static List<Difference> between(JsonNode before, JsonNode after) {
    Map<String, JsonNode> old = leaves(before);
    Map<String, JsonNode> fresh = leaves(after);
    var fields = new LinkedHashSet<>(old.keySet());
    fields.addAll(fresh.keySet());
    return fields.stream()
        .filter(f -> !ALWAYS.contains(f) && !Objects.equals(old.get(f), fresh.get(f)))
        .map(f -> new Difference(f, shown(old.get(f)), shown(fresh.get(f))))
        .toList();
  }

  /** A list as people write one, unless it would read as another; null for nothing. */
  private static String shown(JsonNode value) {
    if (value == null || !value.isArray()) {
      return value == null ? null : value.asText();
    }
    boolean isPlain =
        !value.isEmpty()
            && value
                .valueStream()
                .map(JsonNode::asText)
                .noneMatch(item -> item.isEmpty() || item.contains(","));
    return isPlain
        ? value.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "))
        : value.toString();
  }

  private static Map<String, JsonNode> leaves(JsonNode document) {
    var leaves = new LinkedHashMap<String, JsonNode>();
    if (document != null) {
      collect("", document, leaves);
    }
    return leaves;
  }

  private static void collect(String path, JsonNode node, Map<String, JsonNode> leaves) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              its ->
                  collect(
                      path.isEmpty() ? its.getKey() : path + "." + its.getKey(),
                      its.getValue(),
                      leaves));
    } else if (node.isArray() && node.valueStream().anyMatch(JsonNode::isContainerNode)) {
      for (int i = 0; i < node.size(); i++) {
        collect("%s[%d]".formatted(path, i), node.get(i), leaves);
      }
    } else if (!node.isNull()) {
      leaves.put(path, node);
    }
  }
}
