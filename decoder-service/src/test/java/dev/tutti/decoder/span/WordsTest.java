package dev.tutti.decoder.span;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "play, er, false",
        "play, \" er\", true",
        "\"a \", b, false",
        "\"a\n\", b, true",
        "\"a\n\", \"\n\", false",
        "12, +7, true",
        "19, ;, true",
        "###, #, false",
        "don, 't, false",
        "3, .14, false",
        "3, ., true",
        "\"\", a, false",
        "a, \"\", false",
        "你好, 世界, true"
      })
  void aWordBegins(String before, String after, boolean begins) {
    assertEquals(begins, Words.boundary(before, after));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "one two three, 1, 7",
        "one two three, 2, 3",
        "one two three, 3, 0",
        "one two three, 9, 0",
        "one two three, 0, 13",
        "12+7=19;, 2, 5",
        "\"\", 2, 0"
      })
  void theLastWordsBegin(String text, int count, int start) {
    assertEquals(start, Words.start(text, count));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {"\"\", 0", "one two, 2", "\" one two \", 2", "12+7=19;, 6", "#### 14, 2"})
  void wordsAreCounted(String text, int count) {
    assertEquals(count, Words.count(text));
  }
}
