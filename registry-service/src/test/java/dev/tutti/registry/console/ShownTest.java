package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownTest {

  @ParameterizedTest
  @CsvSource({
    "0.6045988219643863, 0.6046",
    "2.254736840481392E-5, 0.00002255",
    "-0.05, -0.05",
    "12345.678, 12350",
    "0.0, 0",
    "19, 19",
    "1.2.3, 1.2.3",
    "calculator, calculator"
  })
  void numbersThatWereMeasuredAreToldToFourDigits(String value, String told) {
    assertEquals(told, Shown.measured(value));
  }

  @ParameterizedTest
  @CsvSource({"k of them, k of them.", "k of them., k of them.", "'', ''"})
  void wordsOfAMethodEndWithAFullStop(String words, String told) {
    assertEquals(told, Shown.sentence(words));
  }
}
