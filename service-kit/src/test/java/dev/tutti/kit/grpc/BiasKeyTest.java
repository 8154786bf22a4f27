package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BiasKeyTest {

  @Test
  void integersAreTokens() {
    assertEquals(new BiasKey.Token(50_256), BiasKey.of("50256"));
    assertEquals(new BiasKey.Token(7), BiasKey.of("007"));
    assertEquals(new BiasKey.Token(Integer.MAX_VALUE), BiasKey.of("2147483647"));
    assertEquals(new BiasKey.Token(-1), BiasKey.of("2147483648"));
    assertEquals(new BiasKey.Token(-1), BiasKey.of("-5"));
  }

  @Test
  void allElseIsText() {
    for (String text :
        new String[] {
          "Paris", " 5", "5 ", "+5", "5.0", "-", "\"", "\"a", "a\"", "\n", "\u0665", ""
        }) {
      assertEquals(new BiasKey.Text(text), BiasKey.of(text));
    }
  }

  @Test
  void quotesMakeATextOfWhateverTheyHold() {
    assertEquals(new BiasKey.Text("42"), BiasKey.of("\"42\""));
    assertEquals(new BiasKey.Text("\"a\""), BiasKey.of("\"\"a\"\""));
    assertEquals(new BiasKey.Text(""), BiasKey.of("\"\""));
  }
}
