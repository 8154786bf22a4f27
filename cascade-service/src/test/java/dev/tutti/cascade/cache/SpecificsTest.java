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
        "the second president | the third president",
        "How do I turn on two-factor authentication? | How do I turn off two-factor authentication?",
        "How do I log in to the portal? | How do I log out of the portal?",
        "How do I install the package? | How do I uninstall the package?",
        "Is it legal? | Is it illegal?",
        "How do I activate it? | How do I deactivate it?",
        "Which words are capitalised? | Which words are non capitalised?",
        "Solve 2x + 3y = 6 for x. | Solve 2x + 3y = 6 for y.",
        "A train from Paris to London | A train to Paris from London",
        "mail from my boss | mail to my boss",
        "When was the telephone invented? | Where was the telephone invented?",
        "Who painted it? | Why was it painted?",
        "What is 2 * (3 + 4)? | What is (2 * 3) + 4?",
        "What is 5? | What is 5!?",
        "the roots of x² - 1 | the roots of x³ - 1",
        "What is C? | What is C#?",
        "the value of f'(2) | the value of f(2)",
        "Who leads the US? | Who leads us?"
      })
  void saysSomethingElse(String one, String other) {
    assertFalse(Specifics.agree(one, other));
    assertFalse(Specifics.agree(other, one));
  }

  /** What is left where no answer has learned anything: the words are the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "What is the capital of France? | what's the capital of france",
        "Which river is the longest? | What river is longest, please?",
        "Explain recursion | Describe recursion",
        "Hello, how do birds fly? | How is it that birds fly?"
      })
  void hasTheSameWords(String one, String other) {
    assertTrue(Specifics.agree(one, other) && Specifics.sameWords(one, other));
    assertTrue(Specifics.sameWords(other, one));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "What is the capital of France? | Which city is the capital of France?",
        "the derivative of sin | the derivative of cos",
        "how many moons does mars have | how many moons does venus have",
        "May I give aspirin to a dog? | May I give aspirin to a cat?",
        "Is a dog bigger than a cat? | Is a cat bigger than a dog?",
        "How do cows drink? | What do cows drink?",
        "Do cows drink? | What do cows drink?",
        "Who are you? | Who am I?",
        "Can I eat it? | Should I eat it?",
        "Solve a + i = 2 for a. | Solve a + i = 2 for i.",
        "水的沸点是多少 | 酒精的沸点是多少"
      })
  void hasOtherWords(String one, String other) {
    assertFalse(Specifics.sameWords(one, other));
    assertFalse(Specifics.sameWords(other, one));
  }

  @Test
  void everythingAgreesWithItself() {
    for (String text : new String[] {"", " ", "?!", "Ünïcode 東京 12", "A's 's don't-'"}) {
      assertTrue(Specifics.agree(text, text), text);
      assertTrue(Specifics.sameWords(text, text), text);
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
        "What did they do this week?",
        "What is the time now?",
        "what time is it",
        "What day is it?",
        "What's the date?",
        "what is the time in Tokyo?",
        "Tell me the time, please.",
        "Which year is it?",
        "How old is the king?",
        "How many days are there until Christmas?",
        "Who leads the party now?"
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
        "What is the time complexity of quicksort?",
        "What is the date of the battle of Hastings?",
        "Whether it rains"
      })
  void stays(String question) {
    assertEquals(false, Specifics.changesWithTime(question));
  }
}
