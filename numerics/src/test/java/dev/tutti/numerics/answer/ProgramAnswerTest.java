package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramAnswerTest {

  /** As Python computes it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | 7",
        "2 + 3 * 4 | 14",
        "(2 + 3) * 4 | 20",
        "10 - 4 - 3 | 3",
        "100 / 10 / 5 | 2",
        "7 / 2 | 3.5",
        "7 // 2 | 3",
        "-7 // 2 | -4",
        "7 // -2 | -4",
        "-7 % 3 | 2",
        "7 % -3 | -2",
        "-7.5 % 2 | 0.5",
        "-7.5 // 2 | -4",
        "1 // 0.1 | 9",
        "2 ** 10 | 1024",
        "2 ** 3 ** 2 | 512",
        "-2 ** 2 | -4",
        "(-2) ** 2 | 4",
        "2 ** -1 | 0.5",
        "2 ** 0.5 * 2 ** 0.5 | 2",
        "123456789 * 987654321 | 121932631112635269",
        "0.1 + 0.2 | 0.3",
        "1 / 3 | 0.333333333333",
        "1e3 + .5 | 1000.5",
        "1_000_000 + 1 | 1000001",
        "- - 3 | 3",
        "+4 | 4",
        "-0.0 | 0",
        "min(3, 1, 2) | 1",
        "max(3, 1.5) | 3",
        "abs(-3.5) | 3.5",
        "abs(4) | 4",
        "round(2.5) | 2",
        "round(3.5) | 4",
        "round(-2.567, 2) | -2.57",
        "round(2.675, 2) | 2.67",
        "round(1234, -2) | 1200",
        "3 < 5 | True",
        "3 >= 5 | False",
        "1 < 2 < 3 | True",
        "1 < 3 < 2 | False",
        "3 < 2 < 5 | False",
        "1 == 1.0 | True",
        "2 != 2 | False",
        "True | True",
        "a = 3; b = a * 2; b + 1 | 7",
        "ans = 4; x = 9 | 4",
        "answer = 4; ans = 5 | 5",
        "answer = 6; x = 1 | 6",
        "x = 2; print(x + 1) | 3",
        "x = 5 # eggs | 5",
        "100000000000000000000 | 100000000000000000000"
      })
  void programsOfArithmeticAreComputed(String program, String value) {
    assertEquals(Optional.of(value), ProgramAnswer.value(program));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing",
        "The answer is 42.",
        "x",
        "x = y",
        "1 / 0",
        "1 // 0",
        "1 % 0",
        "1.5 % 0",
        "0 ** -1",
        "(-8) ** (1 / 3)",
        "1 +",
        "1 2",
        "(1",
        "1)",
        "min(1)",
        "min()",
        "abs(1, 2)",
        "round(1, 2, 3)",
        "round(1, 0.5)",
        "round(1, 99999)",
        "sum(1, 2)",
        "import math",
        "x = 'a'",
        "x += 1",
        "for i in range(3): i",
        "min = 3",
        "True = 3",
        "True + 1",
        "-True",
        "1 if 2 else 3",
        "x = 1 = 2",
        "012",
        "1__0",
        "1_",
        "1e999",
        "1e308 * 10",
        "2 ** 5000",
        "10 ** 309",
        "1 ** 5000",
        "open(1)",
        "().x",
        "1,000",
        "\u0665 + 1",
        "__import__(1)",
        "x = 3; x.real"
      })
  void whatIsAnythingElseHasNoValue(String program) {
    assertEquals(Optional.empty(), ProgramAnswer.value(program));
  }

  @Test
  void theLastBlockOfATextIsTheProgram() {
    assertEquals(
        Optional.of("12"),
        ProgramAnswer.value(
            """
            Let me think.
            ```python
            ans = 3
            ```
            That was wrong:
            ```python
            rows = 3  # of eggs
              each = 4
            ans = rows * each
            ```
            So 12 it is."""));
    assertEquals(Optional.empty(), ProgramAnswer.value("```\nans = 5"), "of 57, maybe");
    assertEquals(Optional.of("5"), ProgramAnswer.value("x = 2\r\nans = x + 3\r\n"));
    assertEquals(Optional.empty(), ProgramAnswer.value("```\n```\n5"), "an empty block");
  }

  /** Each is refused, or computed, within a moment, whatever it is. */
  @Test
  void nothingTakesLongOrEndsInAnError() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertEquals(Optional.empty(), ProgramAnswer.value("(".repeat(4_000)));
          assertEquals(Optional.empty(), ProgramAnswer.value("-".repeat(4_000) + "1"));
          assertEquals(Optional.empty(), ProgramAnswer.value("2**".repeat(1_300) + "1"));
          assertEquals(Optional.empty(), ProgramAnswer.value("9".repeat(4_000)));
          assertEquals(Optional.empty(), ProgramAnswer.value("1+".repeat(1_025) + "1"));
          assertEquals(Optional.of("1025"), ProgramAnswer.value("1+".repeat(1_024) + "1"));
          assertEquals(Optional.empty(), ProgramAnswer.value("1\n".repeat(129)));
          assertEquals(Optional.empty(), ProgramAnswer.value("1" + " ".repeat(1 << 22)));
          assertEquals(
              Optional.empty(),
              ProgramAnswer.value("x = 10 ** 300\n" + "x = x * x\n".repeat(100) + "x"));
          // Numbers that stay whole, however often they are multiplied.
          var value =
              ProgramAnswer.value("x = 3\n" + "x = x ** 2 % 1000007\n".repeat(120) + "ans = x");
          var expected = BigInteger.valueOf(3);
          for (int i = 0; i < 120; i++) {
            expected = expected.pow(2).mod(BigInteger.valueOf(1_000_007));
          }
          assertEquals(Optional.of(expected.toString()), value);
        });
  }

  /** Whole numbers: what is left and what is divided make the number again. */
  @Test
  void floorDivisionAndItsRestMakeTheNumberAgain() {
    var random = new Random(3);
    for (int i = 0; i < 500; i++) {
      int a = random.nextInt(2_001) - 1_000;
      int b = random.nextInt(41) - 20;
      String quotient = "%d // %d".formatted(a, b);
      if (b == 0) {
        assertEquals(Optional.empty(), ProgramAnswer.value(quotient));
        continue;
      }
      assertEquals(Optional.of("" + Math.floorDiv(a, b)), ProgramAnswer.value(quotient));
      assertEquals(
          Optional.of("" + Math.floorMod(a, b)), ProgramAnswer.value("%d %% %d".formatted(a, b)));
      assertEquals(
          Optional.of("" + Math.floorMod(a, b)),
          ProgramAnswer.value("%d.0 %% %d".formatted(a, b)),
          "as doubles");
      assertEquals(
          Optional.of("True"),
          ProgramAnswer.value("(%d // %d) * %d + %d %% %d == %d".formatted(a, b, b, a, b, a)));
    }
  }

  @Test
  void whateverCharactersThereAreNothingIsThrown() {
    var random = new Random(4);
    String some = "0123456789.eE_+-*/%()<>=!,;#ansxmi \n`";
    for (int i = 0; i < 20_000; i++) {
      var program = new StringBuilder();
      int length = random.nextInt(24);
      for (int c = 0; c < length; c++) {
        program.append(some.charAt(random.nextInt(some.length())));
      }
      ProgramAnswer.value(program.toString());
    }
  }
}
