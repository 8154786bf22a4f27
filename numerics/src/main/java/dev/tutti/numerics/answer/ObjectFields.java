package dev.tutti.numerics.answer;

import dev.tutti.numerics.answer.Literal.Fields;
import dev.tutti.numerics.answer.Literal.Sequence;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The fields of an object, those of objects within it too: each one's value as {@link
 * AnswerForm#LITERAL} spells it, by its path, {@code "a"."b"}. A list is one value, and so is an
 * object without fields.
 */
public final class ObjectFields {

  private ObjectFields() {}

  /** The fields of the object that a text gives; empty where it gives none. */
  public static Optional<SortedMap<String, String>> of(String text) {
    return LiteralAnswer.json(text)
        .filter(Fields.class::isInstance)
        .map(object -> of(object, Set.of()));
  }

  /**
   * The fields of the object that a text gives; any other value is one field, whose path is empty.
   *
   * @param unordered paths of lists whose order says nothing: their values are sorted
   */
  public static Optional<SortedMap<String, String>> of(String text, Set<String> unordered) {
    return LiteralAnswer.json(text)
        .or(() -> LiteralReader.whole(text))
        .map(value -> of(value, unordered));
  }

  private static SortedMap<String, String> of(Literal value, Set<String> unordered) {
    var fields = new TreeMap<String, String>();
    add("", value, unordered, fields);
    return fields;
  }

  private static void add(
      String path, Literal value, Set<String> unordered, SortedMap<String, String> fields) {
    switch (value) {
      case Fields inner when path.isEmpty() || !inner.values().isEmpty() ->
          inner.values().forEach((name, its) -> add(within(path, name), its, unordered, fields));
      case Sequence list when unordered.contains(path) -> {
        Stream<Literal> sorted =
            list.values().stream().sorted(Comparator.comparing(Literal::spelling));
        fields.put(path, new Sequence(sorted.toList(), list.tuple()).spelling());
      }
      default -> fields.put(path, value.spelling());
    }
  }

  /** The path of a field, by the names on the way to it. */
  public static String path(List<String> names) {
    return names.stream()
        .map(name -> new Literal.Text(name).spelling())
        .reduce("", ObjectFields::within);
  }

  private static String within(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /**
   * The value that has these fields, spelled; empty where one of them is both a value and an
   * object.
   */
  public static Optional<String> spelled(SortedMap<String, String> fields) {
    if (fields.size() == 1 && fields.containsKey("")) {
      return Optional.of(fields.get(""));
    }
    var values = new TreeMap<String, String>();
    var inner = new TreeMap<String, SortedMap<String, String>>();
    fields.forEach(
        (path, value) -> {
          int end = end(path);
          if (end == path.length()) {
            values.put(path, value);
          } else {
            inner
                .computeIfAbsent(path.substring(0, end), _ -> new TreeMap<>())
                .put(path.substring(end + 1), value);
          }
        });
    for (var field : inner.entrySet()) {
      Optional<String> its = spelled(field.getValue());
      if (its.isEmpty() || values.putIfAbsent(field.getKey(), its.get()) != null) {
        return Optional.empty();
      }
    }
    return values.containsKey("")
        ? Optional.empty()
        : Optional.of(
            values.entrySet().stream()
                .map(field -> field.getKey() + ":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}")));
  }

  /** Where the first name of a path ends. */
  private static int end(String path) {
    if (path.isEmpty() || path.charAt(0) != '"') {
      int dot = path.indexOf('.');
      return dot < 0 ? path.length() : dot;
    }
    int at = 1;
    while (path.charAt(at) != '"') {
      at += path.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }
}
