package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecificsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "What is the capital of France? | Which city is the capital of France?",
        "What is the capital of France? | what's the capital of france",
        "Where is France's capital? | Where is the capital of France?",
        "How do I boil an egg? | What is the way to boil an egg?",
        "Convert 5 km to miles | convert 5km to miles please",
        "How many people live in 1,000 houses? | how many people live in 1000 houses?",
        "Explain recursion | Describe recursion"
      })
  void saysTheSame(String one, String other) {
    assertTrue(Specifics.agree(one, other));
    assertTrue(Specifics.agree(other, one));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "What is the capital of France? | What is the capital of Spain?",
        "what is the capital of Georgia | What is the capital of France",
        "Is it safe to eat raw eggs? | Is it not safe to eat raw eggs?",
        "Is it safe to eat raw eggs? | Is it unsafe to eat raw eggs?",
        "Can I mix bleach and water? | Can't I mix bleach and water?",
        "Convert 5 km to miles | Convert 5 miles to km",
        "Convert 5 km to miles | Convert 6 km to miles",
        "Convert 5 km to miles | Convert 5 kg to miles",
        "Convert 100 USD to EUR | Convert 100 EUR to USD",
        "What is 3 + 4? | What is 3 - 4?",
        "What is 2.5 times 4? | What is 25 times 4?",
        "Who is the WHO? | Who is the UN?",
        "Give me the highest mountain | Give me the lowest mountain",
        "Books with pictures | Books without pictures",
        "Did Anna hit Ben? | Did Ben hit Anna?",
        "What costs $5? | What costs €5?",
        "Boiling point in celsius | Boiling point in fahrenheit",
        "the second president | the third president"
      })
  void saysSomethingElse(String one, String other) {
    assertFalse(Specifics.agree(one, other));
    assertFalse(Specifics.agree(other, one));
  }

  @Test
  void everythingAgreesWithItself() {
    for (String text : new String[] {"", " ", "?!", "Ünïcode 東京 12", "A's 's don't-'"}) {
      assertTrue(Specifics.agree(text, text), text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What is the weather in Paris?",
        "Who is the current president?",
        "What happened yesterday?",
        "Latest news on chips",
        "AAPL stock price",
        "What did they do this week?"
      })
  void changes(String question) {
    assertTrue(Specifics.changesWithTime(question));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What is the capital of France?",
        "How does electric current flow?",
        "Now add 3 and 4.",
        "Whether it rains"
      })
  void stays(String question) {
    assertEquals(false, Specifics.changesWithTime(question));
  }
}
