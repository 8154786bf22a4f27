package dev.tutti.fusion.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.numerics.answer.ObjectFields;
import java.net.URLDecoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is asked of a JSON schema before anybody validates by it: nothing is fetched for it, and its
 * patterns are searched for in linear time.
 */
final class SchemaRules {

  private static final int LONGEST_PATTERN = 1024;

  /** Steps of a pattern's program; counted repetitions are written out in it. */
  private static final int LARGEST_PATTERN = 2000;

  /** Keywords whose value is a schema a name. */
  private static final Set<String> MAPS =
      Set.of(
          "properties",
          "patternProperties",
          "$defs",
          "definitions",
          "dependentSchemas",
          "dependencies");

  /** The same, where all of them are about the same value. */
  private static final Set<String> SAME_VALUE_MAPS = Set.of("dependentSchemas", "dependencies");

  /** Keywords whose value is data. */
  private static final Set<String> DATA = Set.of("enum", "const", "default", "examples");

  /** What these mean is known only on the way, or takes all that was seen by then to be kept. */
  private static final Set<String> REFUSED =
      Set.of("$dynamicRef", "$recursiveRef", "unevaluatedProperties", "unevaluatedItems");

  /** Keywords whose schemas, one or several, are about the same value. */
  private static final List<String> SAME_VALUE =
      List.of(
          "$ref",
          "allOf",
          "anyOf",
          "oneOf",
          "not",
          "if",
          "then",
          "else",
          "dependentSchemas",
          "dependencies");

  /** One within the other, about the same value. */
  private static final int MOST_NESTED = 64;

  /** So many schemas, names or items of a constant that a keyword has take a step more. */
  private static final int A_STEP = 128;

  private static final int MOST_HOPS = 16;
  private static final int MOST_NAMES = 8;
  private static final int MOST_LISTS = 1000;

  private final JsonNode root;
  private int widest;
  private final Set<JsonNode> checked = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<JsonNode> unchecked = new ArrayDeque<>();
  private final Set<JsonNode> ending = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Of a schema. */
  SchemaRules(JsonNode root) {
    this.root = root;
  }

  /**
   * Holds the schema against the rules.
   *
   * @throws IllegalArgumentException names the value, and what is allowed
   */
  void check() {
    unchecked.add(root);
    // References may lead through any number of values: more than calls may be nested.
    while (!unchecked.isEmpty()) {
      check(unchecked.poll());
    }
  }

  /** Steps that a keyword takes at most, beside those that the values it looks at take. */
  int steps() {
    return 1 + widest / A_STEP;
  }

  private void check(JsonNode schema) {
    if (!schema.isObject() || !checked.add(schema)) {
      return;
    }
    requireEnd(schema, Collections.newSetFromMap(new IdentityHashMap<>()));
    for (var field : schema.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (name.equals("const")) {
        // It is gone through, however deep; an item has two characters at least.
        widest = Math.max(widest, value.toString().length() / 2);
      }
      if (DATA.contains(name)) {
        continue;
      }
      widest = Math.max(widest, value.size());
      if (REFUSED.contains(name)) {
        throw new IllegalArgumentException(
            "The keyword '%s' cannot be used; $ref, additionalProperties and items can."
                .formatted(name));
      } else if (name.equals("$ref") && value.isTextual()) {
        checkReference(value.textValue());
        // It may lie where no schema is looked for.
        unchecked.add(target(value.textValue()));
      } else if (name.equals("$id") && schema != root) {
        throw new IllegalArgumentException(
            "A schema within the schema has the $id '%s'; references go from the whole."
                .formatted(MemberAnswer.shown(value.asText())));
      } else if (name.equals("pattern") && value.isTextual()) {
        pattern(value.textValue());
      } else if (MAPS.contains(name)) {
        if (name.equals("patternProperties")) {
          value.fieldNames().forEachRemaining(SchemaRules::pattern);
        }
        value.forEach(unchecked::add);
      } else if (value.isArray()) {
        value.forEach(unchecked::add);
      } else {
        unchecked.add(value);
      }
    }
  }

  /** Refuses a schema that leads to itself for the same value: it has no end. */
  private void requireEnd(JsonNode schema, Set<JsonNode> around) {
    if (ending.contains(schema) || !schema.isObject()) {
      return;
    }
    if (!around.add(schema) || around.size() > MOST_NESTED) {
      throw new IllegalArgumentException(
          "A schema leads to itself, or through more than %d others, for the same value."
              .formatted(MOST_NESTED));
    }
    for (String keyword : SAME_VALUE) {
      JsonNode its = schema.path(keyword);
      if (keyword.equals("$ref")) {
        if (its.isTextual()) {
          checkReference(its.textValue());
          requireEnd(target(its.textValue()), around);
        }
      } else if (its.isArray() || SAME_VALUE_MAPS.contains(keyword)) {
        its.forEach(inner -> requireEnd(inner, around));
      } else {
        requireEnd(its, around);
      }
    }
    around.remove(schema);
    ending.add(schema);
  }

  private void checkReference(String reference) {
    boolean pointer = reference.equals("#") || reference.startsWith("#/");
    if (!pointer || target(reference).isMissingNode()) {
      throw new IllegalArgumentException(
          "$ref is '%s'; '#' and '#/...' are allowed, to what is in the schema itself."
              .formatted(MemberAnswer.shown(reference)));
    }
  }

  /** What a reference means: a pointer, as the fragment of an address writes it. */
  private JsonNode target(String reference) {
    try {
      return root.at(
          JsonPointer.compile(
              URLDecoder.decode(reference.substring(1).replace("+", "%2B"), UTF_8)));
    } catch (IllegalArgumentException e) {
      return MissingNode.getInstance();
    }
  }

  /**
   * A pattern, ready to be searched for.
   *
   * @throws IllegalArgumentException where it is too large, or none that is searched for in linear
   *     time
   */
  static Pattern pattern(String written) {
    String shown = written.length() <= 80 ? written : written.substring(0, 80) + "…";
    if (written.length() > LONGEST_PATTERN) {
      throw new IllegalArgumentException(
          "The pattern '%s' has %d characters; at most %d are allowed."
              .formatted(shown, written.length(), LONGEST_PATTERN));
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile(written);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "The pattern '%s' cannot be used (%s); patterns have no lookaround and no back references."
              .formatted(shown, e.getDescription()),
          e);
    }
    if (pattern.programSize() > LARGEST_PATTERN) {
      throw new IllegalArgumentException(
          "The pattern '%s' takes %d steps a character; at most %d are allowed."
              .formatted(shown, pattern.programSize(), LARGEST_PATTERN));
    }
    return pattern;
  }

  /** Paths of lists whose values are to be unique, in properties of properties. */
  Set<String> unordered() {
    var paths = new TreeSet<String>();
    unordered(root, new ArrayList<>(), paths, new int[1]);
    return paths;
  }

  private void unordered(JsonNode schema, List<String> names, Set<String> paths, int[] visited) {
    JsonNode its = schema;
    for (int hop = 0; hop < MOST_HOPS && its.path("$ref").isTextual(); hop++) {
      its = target(its.get("$ref").textValue());
    }
    if (its.path("uniqueItems").asBoolean()) {
      paths.add(ObjectFields.path(names));
    }
    if (names.size() >= MOST_NAMES) {
      return;
    }
    for (var property : its.path("properties").properties()) {
      if (++visited[0] > MOST_LISTS) {
        return;
      }
      names.add(property.getKey());
      unordered(property.getValue(), names, paths, visited);
      names.removeLast();
    }
  }
}
