package dev.tutti.kit.calls;

import dev.tutti.generation.v1.ToolCall;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Calls of tools in one spelling, so that answers that want the same can be told to be the same:
 * name and arguments, whatever the order of the calls and of the fields, spaces, ids, and how a
 * number is written.
 */
final class ToolSpelling {

  private ToolSpelling() {}

  /** These calls, sorted; empty where there are none. */
  static Optional<String> of(List<ToolCall> calls) {
    return calls.isEmpty()
        ? Optional.empty()
        : Optional.of(
            calls.stream()
                .map(call -> call.getName() + arguments(call.getArguments()))
                .sorted()
                .collect(Collectors.joining("; ")));
  }

  private static String arguments(String json) {
    if (json.isBlank()) {
      return "({})";
    }
    try {
      return "(" + Json.encode(sorted(Json.decodeValue(json))) + ")";
    } catch (DecodeException e) {
      // A model may write no JSON at all; then its words are compared.
      return "(" + json.strip() + ")";
    }
  }

  private static Object sorted(Object value) {
    return switch (value) {
      case JsonObject object -> {
        var fields = new TreeMap<String, Object>();
        object.getMap().keySet().forEach(name -> fields.put(name, sorted(object.getValue(name))));
        yield new JsonObject(fields);
      }
      case JsonArray array -> {
        var values = new JsonArray();
        for (int i = 0; i < array.size(); i++) {
          values.add(sorted(array.getValue(i)));
        }
        yield values;
      }
      // Doubles hold whole numbers exactly up to 2^53.
      case Double number when number == Math.rint(number) && Math.abs(number) <= 0x1p53 ->
          number.longValue();
      case Integer number -> number.longValue();
      case null, default -> value;
    };
  }
}
