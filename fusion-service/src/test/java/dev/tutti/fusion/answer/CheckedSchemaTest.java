package dev.tutti.fusion.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckedSchemaTest {

  private static CheckedSchema schema(String text) {
    return CheckedSchema.of(text.replace('\'', '"'));
  }

  private static boolean accepts(String schema, String json) {
    return schema(schema).accepts(json.replace('\'', '"'));
  }

  private static String refusal(String schema) {
    return assertThrows(IllegalArgumentException.class, () -> schema(schema)).getMessage();
  }

  @Test
  void typesAndRequiredFieldsAreLookedAt() {
    String schema =
        """
        {'type': 'object', 'required': ['n', 's'], 'additionalProperties': false, 'properties': {
          'n': {'type': 'integer', 'minimum': 1}, 's': {'enum': ['a', 'b']},
          'd': {'type': 'string', 'pattern': '^\\\\d{4}-\\\\d{2}$'}}}""";
    assertTrue(accepts(schema, "{'n': 1, 's': 'a'}"));
    assertTrue(accepts(schema, " {'n': 2.0, 's': 'b', 'd': '2026-11'} "));
    assertFalse(accepts(schema, "{'n': '1', 's': 'a'}"));
    assertFalse(accepts(schema, "{'n': 0, 's': 'a'}"));
    assertFalse(accepts(schema, "{'n': 1}"));
    assertFalse(accepts(schema, "{'n': 1, 's': 'A'}"));
    assertFalse(accepts(schema, "{'n': 1, 's': 'a', 'x': 1}"));
    assertFalse(accepts(schema, "{'n': 1, 's': 'a', 'd': '26-11'}"));
  }

  @Test
  void onlyAWholeJsonTextIsAccepted() {
    for (String text : new String[] {"", "x", "{} {}", "{'a'", "NaN", "[".repeat(100_000)}) {
      assertFalse(accepts("{}", text), text);
    }
    assertTrue(accepts("{}", "{}"));
  }

  @Test
  void referencesWithinAreFollowed() {
    String tree =
        """
        {'$ref': '#/$defs/tree%20of', '$defs': {'tree of': {'type': 'object', 'required': ['v'],
          'properties': {'v': {'type': 'number'}, 'next': {'$ref': '#/$defs/tree%20of'}}}}}""";
    assertTrue(accepts(tree, "{'v': 1, 'next': {'v': 2, 'next': {'v': 3}}}"));
    assertFalse(accepts(tree, "{'v': 1, 'next': {'v': 2, 'next': {}}}"));
  }

  @Test
  void earlierDraftsAreReadAsTheyWere() {
    String draft =
        "{'$schema': 'http://json-schema.org/draft-07/schema#', 'items': [{'type': 'null'}]}";
    assertTrue(accepts(draft, "[null, 1]"));
    assertFalse(accepts(draft, "[1]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'$ref': 'http://127.0.0.1:1/x'}; $ref is 'http://127.0.0.1:1/x'",
        "{'properties': {'a': {'$ref': 'file:///etc/passwd'}}}; $ref is 'file:///etc/passwd'",
        "{'properties': {'$ref': {'$ref': 'other.json'}}}; $ref is 'other.json'",
        "{'allOf': [{'$ref': '#/$defs/none'}]}; $ref is '#/$defs/none'",
        "{'$dynamicRef': 'x#y'}; The keyword '$dynamicRef'",
        "{'properties': {'child': {'$dynamicRef': '#'}}}; The keyword '$dynamicRef'",
        "{'$schema': 'https://json-schema.org/draft/2019-09/schema', 'anyOf': [{'$recursiveRef': '#'}]};"
            + " The keyword '$recursiveRef'",
        "{'allOf': [{'additionalProperties': true, 'unevaluatedProperties': true}]}; The keyword"
            + " 'unevaluatedProperties'",
        "{'$ref': '#/x', 'x': {'items': {'unevaluatedItems': true}}}; The keyword 'unevaluatedItems'",
        "{'properties': {'a': {'$id': 'http://x/y'}}}; has the $id 'http://x/y'",
        "{'$schema': 'http://x/y'}; $schema is 'http://x/y'",
        "{'pattern': '(?=a)b'}; The pattern '(?=a)b'",
        "{'pattern': '(a)\\\\1'}; no back references",
        "{'patternProperties': {'(?!x)': {}}}; The pattern '(?!x)'",
        "{'properties': {'pattern': {'pattern': '('}}}; The pattern '('",
        "{'pattern': '((a{100}){100}){100}'}; The pattern",
        "{'$ref': '#/default', 'default': {'items': {'pattern': '(?=a)'}}}; The pattern '(?=a)'",
        "{'$ref': '#/x', 'x': {'items': {'$ref': 'http://x'}}}; $ref is 'http://x'",
        "{'$schema': 'http://json-schema.org/draft-07/schema#', 'dependencies': {'enum': {'pattern':"
            + " '(?=a)'}}}; The pattern '(?=a)'",
        "{'$schema': 'http://json-schema.org/draft-07/schema#', 'dependencies': {'x': {'$ref': '#'}}};"
            + " leads to itself",
        "{'$ref': '#'}; leads to itself",
        "{'allOf': [{'$ref': '#'}]}; leads to itself",
        "{'properties': {'x': {'if': {'$ref': '#/properties/x'}}}}; leads to itself",
        "{'dependentSchemas': {'x': {'$ref': '#'}}}; leads to itself",
        "{'type': 'strin'}; The schema is none",
        "{'minimum': 'x'}; The schema is none",
        "[]; A schema is a JSON object",
        "5; A schema is a JSON object",
        "{; nested at most 64 deep",
      })
  void whatNobodyCanValidateByIsRefused(String schema, String told) {
    assertTrue(refusal(schema).contains(told), () -> refusal(schema));
  }

  @Test
  void largeSchemasAreRefused() {
    assertTrue(refusal("{'title': '%s'}".formatted("x".repeat(131_072))).contains("131072"));
    assertTrue(refusal("{'pattern': '%s'}".formatted("x".repeat(1_025))).contains("1024"));
    assertTrue(refusal("{'not':".repeat(65) + "{}" + "}".repeat(65)).contains("64 deep"));
  }

  /** Data may look like anything. */
  @Test
  void whatIsDataIsNoReference() {
    assertTrue(accepts("{'const': {'$ref': 'http://x'}}", "{'$ref': 'http://x'}"));
    assertTrue(
        accepts(
            "{'required': ['unevaluatedItems'], 'properties': {'unevaluatedItems': {}}}",
            "{'unevaluatedItems': 1}"));
  }

  /** Each through another value: more of them than calls can be nested. */
  @Test
  void longChainsOfReferencesAreFollowed() {
    var chain = new StringBuilder("{'$ref': '#/$defs/a0', '$defs': {");
    for (int i = 0; i < 2500; i++) {
      chain.append("'a%d': {'items': {'$ref': '#/$defs/a%d'}}, ".formatted(i, i + 1));
    }
    assertTrue(accepts(chain + "'a2500': {}}}", "[[[1]]]"));
    assertTrue(refusal(chain + "'a2500': {'$ref': 'x'}}}").contains("$ref is 'x'"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'uniqueItems': true; list",
        "'enum': [[], LIST]; list",
        "'contains': {}; list",
        "'items': {}; list",
        "'propertyNames': {}; object",
        "'additionalProperties': {}; object",
        "'patternProperties': {'x': {}}; object",
        "'enum': [{}, OBJECT]; object",
        "'maxLength': 900000; text"
      })
  void keywordsTakeStepsByWhatTheyLookAt(String keyword, String kind) {
    var list = new StringBuilder("[0");
    var object = new StringBuilder("{'y': 0");
    for (int i = 1; i < 1000; i++) {
      list.append(",").append(i);
      object.append(", 'y%d': 0".formatted(i));
    }
    list.append(']');
    object.append('}');
    String value =
        switch (kind) {
          case "list" -> list.toString();
          case "object" -> object.toString();
          default -> "'%s'".formatted("x".repeat(256_000));
        };
    String its =
        "{%s}"
            .formatted(keyword.replace("LIST", "#/l").replace("OBJECT", "#/o"))
            .replace("#/l", list)
            .replace("#/o", object);
    // One definition, referred to as often as the value is to be looked at.
    String referred = "{'allOf': [{}%s], '$defs': {'k': %s}}";
    String reference = ", {'$ref': '#/$defs/k'}";
    assertTrue(accepts(referred.formatted(reference.repeat(10), its), value));
    assertFalse(accepts(referred.formatted(reference.repeat(120), its), value));
  }

  /** Every value, numbers too, is asked for each of the names. */
  @Test
  void keywordsTakeStepsByHowManyNamesTheyHave() {
    var names = new StringBuilder("'x': {}");
    for (int i = 0; i < 8000; i++) {
      names.append(",'%d':{}".formatted(i));
    }
    CheckedSchema wide = schema("{'items': {'properties': {%s}}}".formatted(names));
    assertTrue(wide.accepts("[1%s]".formatted(",1".repeat(500))));
    assertFalse(wide.accepts("[1%s]".formatted(",1".repeat(20_000))));
    CheckedSchema constant =
        schema("{'items': {'not': {'const': [0%s]}}}".formatted(",0".repeat(20_000)));
    assertTrue(constant.accepts("[1%s]".formatted(",1".repeat(50))));
    assertFalse(constant.accepts("[1%s]".formatted(",1".repeat(2_000))));
  }

  @Test
  void textsOfOneHashAreNoWayAround() {
    var texts = new StringBuilder("[\"\"");
    for (int i = 0; i < 1 << 11; i++) {
      texts.append(",\"");
      for (int bit = 0; bit < 11; bit++) {
        texts.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      texts.append('"');
    }
    assertFalse(schema("{'uniqueItems': true}").accepts(texts + "]"));
  }

  @Test
  void theAnswersOfARequestShareTheSteps() {
    CheckedSchema whole = schema("{'items': {'type': 'integer'}}");
    assertTrue(whole.accepts("[1]"));
    String many = "1,".repeat(CheckedSchema.MOST_STEPS);
    for (int i = 0; i < CheckedSchema.MOST_STEPS_A_REQUEST / CheckedSchema.MOST_STEPS; i++) {
      assertTrue(whole.accepts("[%d, 2]".formatted(i)));
      assertFalse(whole.accepts("[%s%d]".formatted(many, i)));
    }
    assertFalse(whole.accepts("[2]"));
    assertTrue(whole.accepts("[1]"), "What was said of a text stands.");
  }

  @Test
  void nothingIsLookedAtOnceTheCallerHasLeft() {
    CheckedSchema schema = schema("{'type': 'object'}");
    Thread.currentThread().interrupt();
    boolean accepted = schema.accepts("{}");
    assertTrue(Thread.interrupted(), "Others are to see it too.");
    assertFalse(accepted);
  }

  @Test
  void bombsAcceptNothingSoon() {
    var bomb = new StringBuilder("{'$ref': '#/$defs/d0', '$defs': {");
    for (int i = 0; i < 25; i++) {
      String next = "{'$ref': '#/$defs/d%d'}".formatted(i + 1);
      bomb.append("'d%d': {'allOf': [%s, %s]}, ".formatted(i, next, next));
    }
    String deep = "{'x':".repeat(40) + "1" + "}".repeat(40);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertFalse(accepts(bomb + "'d25': {}}}", "{}"));
          assertFalse(
              accepts("{'properties': {'x': {'allOf': [{'$ref': '#'}, {'$ref': '#'}]}}}", deep));
        });
  }

  @Test
  void patternsAreSearchedForInLinearTime() {
    CheckedSchema evil = schema("{'items': {'pattern': '^(a+)+$'}}");
    assertTrue(evil.accepts("[\"%s\"]".formatted("a".repeat(1_000))));
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> assertFalse(evil.accepts("[\"%s!\"]".formatted("a".repeat(5_000)))));
    CheckedSchema costly = schema("{'items': {'pattern': '(x|a){500}b'}}");
    String many = "[%s\"\"]".formatted("\"%s\",".formatted("a".repeat(1_000)).repeat(60));
    assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertFalse(costly.accepts(many)));
  }

  @Test
  void listsOfUniqueValuesHaveNoOrder() {
    assertEquals(
        new TreeSet<>(Set.of("\"a\"", "\"b\".\"c\"")),
        schema(
                """
                {'properties': {'a': {'$ref': '#/$defs/s'}, 'o': {'type': 'array'},
                  'b': {'properties': {'c': {'uniqueItems': true}}}},
                  '$defs': {'s': {'uniqueItems': true}}}""")
            .unordered());
    assertEquals(Set.of(""), schema("{'uniqueItems': true}").unordered());
    assertEquals(
        8,
        schema("{'properties': {'x': {'$ref': '#'}}, 'uniqueItems': true}").unordered().size() - 1);
  }
}
