package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DecisionHeadersTest {

  @Test
  void aCostHasNineDigitsAtMost() {
    assertEquals("0.00001152", DecisionHeaders.rounded(0.000011519999999999998));
    assertEquals("0.123456789", DecisionHeaders.rounded(0.1234567891));
    assertEquals("0.25", DecisionHeaders.rounded(0.25));
    assertEquals("0", DecisionHeaders.rounded(0));
    assertEquals("1200", DecisionHeaders.rounded(1200));
  }
}
