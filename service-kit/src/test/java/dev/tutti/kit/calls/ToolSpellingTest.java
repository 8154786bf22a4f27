package dev.tutti.kit.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tutti.generation.v1.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ToolSpellingTest {

  private static String spelled(String... namesAndArguments) {
    var calls = new ArrayList<ToolCall>();
    for (int i = 0; i < namesAndArguments.length; i += 2) {
      calls.add(
          ToolCall.newBuilder()
              .setId("call-" + calls.size())
              .setName(namesAndArguments[i])
              .setArguments(namesAndArguments[i + 1])
              .build());
    }
    return ToolSpelling.of(calls).orElseThrow();
  }

  @Test
  void fieldsSpacesNumbersIdsAndOrderAreOneSpelling() {
    String one =
        spelled("weather", "{\"city\": \"Rome\", \"days\": 2.0, \"in\": {\"b\":[1,2],\"a\":null}}");
    assertEquals("weather({\"city\":\"Rome\",\"days\":2,\"in\":{\"a\":null,\"b\":[1,2]}})", one);
    assertEquals(
        one,
        spelled("weather", "{\"in\":{\"a\":null,\"b\":[1.0,2]},\"days\":2,\"city\":\"Rome\"}"));
    assertEquals(spelled("a", "{}", "b", "{\"x\":1}"), spelled("b", "{\"x\":1}", "a", " "));
  }

  @Test
  void namesValuesAndOrderWithinAListTell() {
    assertNotEquals(spelled("a", "{}"), spelled("b", "{}"));
    assertNotEquals(spelled("a", "{\"x\":1}"), spelled("a", "{\"x\":2}"));
    assertNotEquals(spelled("a", "{\"x\":1}"), spelled("a", "{\"x\":\"1\"}"));
    assertNotEquals(spelled("a", "[1,2]"), spelled("a", "[2,1]"));
    assertNotEquals(spelled("a", "{\"x\":1.5}"), spelled("a", "{\"x\":1}"));
  }

  @Test
  void whatIsNoJsonIsComparedAsItStands() {
    assertEquals("a(x = 1)", spelled("a", " x = 1 "));
    assertEquals(Optional.empty(), ToolSpelling.of(List.of()));
  }
}
