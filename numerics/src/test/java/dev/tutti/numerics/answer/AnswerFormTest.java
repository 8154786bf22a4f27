package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFormTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          14                                        | 14
          1,234.50                                  | 1234.5
          -3                                        | -3
          −3                                        | -3
          +7                                        | 7
          -0                                        | 0
          0.500                                     | 0.5
          .5                                        | 0.5
          100                                       | 100
          1,000,000                                 | 1000000
          12+7=19; 19-5=14; #### 14                 | 14
          #### 1,234                                | 1234
          The answer is 14.                         | 14
          the answer is: $1,234.50                  | 1234.5
          Answer: **-3** degrees                    | -3
          **Answer:** 5 apples and 3 pears          | 5
          The answer is 12+7=19                     | 19
          I count 3 apples, then 4 more             | 4
          so \\boxed{42} as 6 x 7                   | 42
          12-7                                      | 7
          12 -7                                     | 7
          x=-3                                      | -3
          it is -3                                  | -3
          -$5.00                                    | -5
          50%                                       | 50
          3/4                                       | 0.75
          2/6                                       | 1/3
          8/4                                       | 2
          -1/4                                      | -0.25
          1e3                                       | 1000
          2.5E-3                                    | 0.0025
          gpt4 says 5                               | 5
          1, 2, 3                                   | 3
          007                                       | 7
          """)
  void aNumberHasOneSpelling(String text, String number) {
    assertEquals(Optional.of(number), AnswerForm.NUMBER.canonical(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "no idea", "gpt4", "1/0"})
  void whatIsNoNumberIsNone(String text) {
    assertEquals(Optional.empty(), AnswerForm.NUMBER.canonical(text));
  }

  @Test
  void aMarkWithoutANumberIsNotReplacedByANumberElsewhere() {
    assertEquals(Optional.empty(), AnswerForm.NUMBER.canonical("12+7\nThe answer is unknown."));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          The answer is 12. I hope this answer is helpful. | 12
          The answer is 3/4.                               | 0.75
          It is 3/4.                                       | 0.75
          The result is 1e5.                               | 100000
          The answer is 12 because x=3.                    | 12
          The answer is x = 5                              | 5
          The answer is 12+7=19.                           | 19
          \\boxed{\\frac{3}{4}}                            | 0.75
          \\boxed{1{,}234}                                 | 1234
          """)
  void proseAroundTheNumberDoesNotChangeIt(String text, String number) {
    assertEquals(Optional.of(number), AnswerForm.NUMBER.canonical(text));
  }

  @Test
  void aHeadingIsNoMark() {
    assertEquals(Optional.of("19"), AnswerForm.NUMBER.canonical("#### Result\nThe sum is 19."));
    assertEquals(Optional.of("19"), AnswerForm.NUMBER.canonical("#### Step 2\nso we get 19"));
    assertEquals(Optional.of("C"), AnswerForm.CHOICE.canonical("#### Explanation\nSo it is C."));
  }

  /** To sort combining characters takes the square of their number. */
  @Test
  void charactersOfALongTextStayAsTheyAre() {
    assertEquals(Optional.of("file"), AnswerForm.TEXT.canonical("\ufb01le"));
    String longest = "\ufb01".repeat(10_000);
    assertEquals(Optional.of("fi".repeat(10_000)), AnswerForm.TEXT.canonical(longest));
    assertEquals(Optional.of(longest + "x"), AnswerForm.TEXT.canonical(longest + "X"));
  }

  @Test
  void aLetterBeforeAFurtherWordIsNoChoice() {
    for (String text :
        List.of("Answer: X = 5", "Answer: I think 19", "Answer: A dog", "Answer: A = B")) {
      assertEquals(Optional.empty(), AnswerForm.CHOICE.canonical(text), text);
    }
    assertEquals(Optional.of("C"), AnswerForm.CHOICE.canonical("\\boxed{\\text{C}}"));
    assertEquals(
        Optional.of("B"),
        AnswerForm.CHOICE.canonical("The answer is B. I hope this answer is correct."));
    assertEquals(Optional.of("B"), AnswerForm.CHOICE.canonical("Answer: B because 3 > 2"));
    List<String> equations = List.of("Answer: X = 5", "Answer: X = 7", "Answer: X = 5");
    assertEquals(AnswerForm.NUMBER, AnswerForm.AUTO.resolve(equations));
  }

  @Test
  void theLastMarkCounts() {
    assertEquals(
        Optional.of("9"), AnswerForm.NUMBER.canonical("The answer is 5. No: the answer is 9."));
    assertEquals(Optional.of("14"), AnswerForm.NUMBER.canonical("Answer:\n14\nDone in 3 steps."));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          C                                    | C
          c                                    | C
          (c)                                  | C
          **C**                                | C
          C.                                   | C
          C. Paris                             | C
          (B) because 3 > 2                    | B
          The answer is (D).                   | D
          Answer: option e)                    | E
          the correct option is B, not A       | B
          The answer is Paris (C)              | C
          A is tempting. So it must be B.      | B
          I                                    | I
          J                                    | J
          #### A                               | A
          \\boxed{C}                           | C
          """)
  void aChoiceIsALetter(String text, String letter) {
    assertEquals(Optional.of(letter), AnswerForm.CHOICE.canonical(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Paris",
        "I think so",
        "A good question",
        "The answer is a number",
        "don't",
        "42"
      })
  void whatChoosesNothingIsNone(String text) {
    assertEquals(Optional.empty(), AnswerForm.CHOICE.canonical(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          The Eiffel Tower!                    | eiffel tower
          eiffel   TOWER                       | eiffel tower
          Answer: the Eiffel Tower.            | eiffel tower
          It costs 3.14, or -3                 | it costs 3.14 or -3
          Ｐａｒｉｓ                              | paris
          A                                    | a
          12/24/2020                           | 12/24/2020
          rock-and-roll                        | rock and roll
          """)
  void textIsComparedByItsWords(String text, String words) {
    assertEquals(Optional.of(words), AnswerForm.TEXT.canonical(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "...", "?!"})
  void textWithoutWordsIsNone(String text) {
    assertEquals(Optional.empty(), AnswerForm.TEXT.canonical(text));
  }

  @Test
  void autoTakesTheFormThatMostAnswersPlainlyHave() {
    assertAuto(AnswerForm.NUMBER, "14", "14", "I think it is 14");
    assertAuto(AnswerForm.NUMBER, "12+7=19", "#### 4", "no idea");
    assertAuto(AnswerForm.CHOICE, "B", "(c)", "Paris, of course");
    assertAuto(AnswerForm.CHOICE, "The answer is B", "B.", "7");
    assertAuto(AnswerForm.TEXT, "14", "fourteen");
    assertAuto(AnswerForm.TEXT, "In 1969 it was 3 men", "In 1969");
    assertAuto(AnswerForm.TEXT, "", "");
    assertAuto(AnswerForm.NUMBER, "7");
  }

  private static void assertAuto(AnswerForm form, String... texts) {
    List<String> all = Arrays.asList(texts);
    assertEquals(form, AnswerForm.AUTO.resolve(all));
    assertEquals(form, AnswerForm.AUTO.resolve(all.reversed()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"answer ", "#### ", "1,234,", "((((", "answer is ", "- - ", "a.a.", "1/"})
  void longTextsAreReadInLinearTime(String piece) {
    String text = piece.repeat(200_000 / piece.length());
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          AnswerForm.AUTO.resolve(List.of(text));
          for (AnswerForm form : List.of(AnswerForm.NUMBER, AnswerForm.CHOICE, AnswerForm.TEXT)) {
            form.canonical(text);
          }
        });
  }

  @Test
  void numbersBeyondAllMeaningAreNone() {
    assertEquals(Optional.empty(), AnswerForm.NUMBER.canonical("9".repeat(100_000)));
  }

  private static Optional<AnswerForm> settled(int pending, String... texts) {
    return AnswerForm.AUTO.settled(List.of(texts), pending);
  }

  /** More than half, of those that are there and those that may come. */
  @Test
  void aFormIsSettledWhereNothingThatComesCanChangeIt() {
    var choice = Optional.of(AnswerForm.CHOICE);
    var number = Optional.of(AnswerForm.NUMBER);
    var text = Optional.of(AnswerForm.TEXT);
    var open = Optional.empty();
    assertEquals(choice, settled(1, "B", "(C)"));
    assertEquals(open, settled(2, "B", "C"));
    assertEquals(text, settled(0, "B", "7"));
    assertEquals(open, settled(1, "B", "word"));
    assertEquals(text, settled(1, "B", "word", "word"));
    assertEquals(number, settled(0, "7", "8", "word"));
    assertEquals(number, settled(1, "7", "8", "9", "10", "word", "word"));
    assertEquals(text, settled(0, "7", "8", "word", "word"));
    assertEquals(open, settled(1, "7", "8", "word", "word"));
    assertEquals(text, settled(1, "7", "word", "word"));
    for (AnswerForm form : List.of(AnswerForm.NUMBER, AnswerForm.CHOICE, AnswerForm.TEXT)) {
      assertEquals(Optional.of(form), form.settled(List.of("B"), 9));
      assertEquals(form, form.resolve(List.of("B")));
    }
  }

  @Test
  void aNumberIsBoundedByItselfAndNotByWhereItStands() {
    String far = "word ".repeat(100) + "7";
    assertEquals(Optional.of("7"), AnswerForm.NUMBER.canonical(far));
    assertEquals(Optional.of("1".repeat(400)), AnswerForm.NUMBER.canonical("1".repeat(400)));
    assertEquals(Optional.empty(), AnswerForm.NUMBER.canonical("1".repeat(401)));
  }

  @Test
  void aMinusBetweenNumbersIsNoSign() {
    assertEquals(Optional.of("7"), AnswerForm.NUMBER.canonical("3-7"));
    assertEquals(Optional.of("7"), AnswerForm.NUMBER.canonical("3 -7"));
    assertEquals(Optional.of("7"), AnswerForm.NUMBER.canonical("(x) -7"));
    assertEquals(Optional.of("-7"), AnswerForm.NUMBER.canonical("  -7"));
    assertEquals(Optional.of("-7"), AnswerForm.NUMBER.canonical("x -7"));
  }

  @Test
  void aMarkWithoutANumberIsNotPlain() {
    assertEquals(AnswerForm.NUMBER, AnswerForm.AUTO.resolve(List.of("The answer is about 7", "8")));
    assertEquals(AnswerForm.TEXT, AnswerForm.AUTO.resolve(List.of("The answer is open", "word")));
    assertEquals(AnswerForm.TEXT, AnswerForm.AUTO.resolve(List.of("The answer is open", "8")));
  }
}
