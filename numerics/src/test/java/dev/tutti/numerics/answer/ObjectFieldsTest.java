package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ObjectFieldsTest {

  @Test
  void fieldsAreTold() {
    assertEquals(
        Optional.of(new TreeMap<>(Map.of("\"a\".\"b\"", "[1,2]", "\"c\"", "\"X\"", "\"d\"", "{}"))),
        ObjectFields.of("{\"c\": \"X\", \"a\": {\"b\": [1, 2.0]}, \"d\": {}}"));
    assertEquals(Optional.of(new TreeMap<>()), ObjectFields.of("{}"));
    assertEquals(Optional.empty(), ObjectFields.of("[1]"));
    assertEquals(Optional.empty(), ObjectFields.of("no idea"));
  }

  @Test
  void anyOtherValueIsOneField() {
    assertEquals(
        Optional.of(new TreeMap<>(Map.of("", "[2,1]"))), ObjectFields.of("[2, 1]", Set.of()));
    assertEquals(Optional.of(new TreeMap<>(Map.of("", "5"))), ObjectFields.of(" 5.0 ", Set.of()));
    assertEquals(Optional.empty(), ObjectFields.of("no idea", Set.of()));
  }

  @Test
  void whoseOrderSaysNothingIsSorted() {
    String path = ObjectFields.path(List.of("a", "b"));
    assertEquals("\"a\".\"b\"", path);
    assertEquals(
        Optional.of(new TreeMap<>(Map.of(path, "[\"x\",\"y\"]", "\"b\"", "[\"y\",\"x\"]"))),
        ObjectFields.of("{\"a\": {\"b\": [\"y\", \"x\"]}, \"b\": [\"y\", \"x\"]}", Set.of(path)));
    assertEquals(
        Optional.of(new TreeMap<>(Map.of("", "[1,2]"))), ObjectFields.of("[2, 1]", Set.of("")));
  }

  @Test
  void fieldsMakeTheValueAgain() {
    for (String text :
        List.of(
            "{}",
            "[1,2]",
            "5",
            "{\"a\":{\"b\":{\"c\":1},\"d\":{}},\"e\":[{\"a\":2}]}",
            "{\"a.b\":{\"\\\"\":1,\"\\\\\":2},\"a\":{\"b\":3}}",
            "{\"\":{\"\":1}}")) {
      assertEquals(
          AnswerForm.LITERAL.canonical(text),
          ObjectFields.of(text, Set.of()).flatMap(ObjectFields::spelled),
          text);
    }
  }

  @Test
  void noFieldIsAValueAndAnObject() {
    assertEquals(
        Optional.empty(),
        ObjectFields.spelled(new TreeMap<>(Map.of("\"a\"", "1", "\"a\".\"b\"", "2"))));
    assertEquals(
        Optional.empty(), ObjectFields.spelled(new TreeMap<>(Map.of("", "1", "\"a\"", "2"))));
  }
}
