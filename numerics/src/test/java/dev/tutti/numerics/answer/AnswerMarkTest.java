package dev.tutti.numerics.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerMarkTest {

  @Test
  void whatFollowsAMarkEndsWithItsLine() {
    assertEquals(List.of("14"), AnswerMark.marked("#### 14"));
    assertEquals(List.of("14 apples"), AnswerMark.marked("The answer is 14 apples\nand so on"));
    assertEquals(List.of("C", "B"), AnswerMark.marked("Option: B\nNo. The choice is: C"));
    assertEquals(List.of(), AnswerMark.marked("There is no mark."));
  }

  @Test
  void aBoxEndsWithItsOwnBrace() {
    assertEquals(List.of("a{b}c"), AnswerMark.marked("so \\boxed{a{b}c} and {d}"));
    assertEquals(List.of("{}"), AnswerMark.marked("\\boxed{{}}"));
    assertEquals(List.of(""), AnswerMark.marked("\\boxed{}"));
    assertEquals(List.of("a{b} c\nd"), AnswerMark.marked("\\boxed{a{b} c\nd"));
  }

  @Test
  void aHeadingIsNoMarkUnlessItIsTheLastLine() {
    assertEquals(List.of(), AnswerMark.marked("#### Solution\nWe add them."));
    assertEquals(List.of("Paris"), AnswerMark.marked("We look it up.\n#### Paris"));
    assertEquals(List.of("Paris"), AnswerMark.marked("#### Paris\n \n"));
    // A number, or a letter alone, is marked wherever it stands.
    assertEquals(List.of("7 apples"), AnswerMark.marked("#### 7 apples\nThat is all."));
    assertEquals(List.of("(B)"), AnswerMark.marked("#### (B)\nThat is all."));
  }

  @Test
  void onlyTheLastMarksAreLookedAt() {
    String many = String.join("\n", IntStream.range(0, 40).mapToObj(i -> "#### " + i).toList());
    assertEquals(
        IntStream.range(0, 16).mapToObj(i -> "" + (39 - i)).toList(), AnswerMark.marked(many));
    String sixteen = many.substring(many.indexOf("#### 24"));
    assertEquals(16, AnswerMark.marked(sixteen).size());
    assertEquals("24", AnswerMark.marked(sixteen).getLast());
  }

  @Test
  void latexIsPlainText() {
    assertEquals("1,234", AnswerMark.withoutLatex("1{,}234"));
    assertEquals("3/4", AnswerMark.withoutLatex("\\frac{3}{4}"));
    assertEquals("-3/4 of cake", AnswerMark.withoutLatex("\\dfrac {-3} {4} of \\text{cake}"));
    assertEquals("1234", AnswerMark.withoutLatex("1\\,23\\!4"));
    assertEquals("{a} stays", AnswerMark.withoutLatex("{a} stays"));
  }
}
