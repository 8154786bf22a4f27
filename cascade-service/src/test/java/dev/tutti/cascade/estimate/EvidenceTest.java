package dev.tutti.cascade.estimate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EvidenceTest {

  private static GivenAnswer says(String text) {
    return new GivenAnswer(text, Optional.empty(), AnswerSignals.NONE);
  }

  private static GivenAnswer wants(String tools) {
    return new GivenAnswer("", Optional.of(tools), AnswerSignals.NONE);
  }

  private static AnswerRelation relation(GivenAnswer one, GivenAnswer other) {
    return AnswerRelation.of(one, other, AnswerForm.AUTO);
  }

  @Test
  void answersAgreeDisagreeOrStandApart() {
    assertEquals(AnswerRelation.AGREE, relation(says("B"), says("The answer is B.")));
    assertEquals(AnswerRelation.DISAGREE, relation(says("B"), says("C\n")));
    assertEquals(AnswerRelation.AGREE, relation(says("42"), says("So it is 42.0")));
    assertEquals(AnswerRelation.APART, relation(says(""), says("")));
    assertEquals(AnswerRelation.APART, relation(says(""), says("C")));
    String essay = "It was late in the year when the first of them came back over the hills, ";
    assertEquals(AnswerRelation.APART, relation(says(essay + "tired."), says(essay + "glad.")));
    assertEquals(AnswerRelation.AGREE, relation(says(essay + "glad."), says(essay + "glad.")));
    assertEquals(AnswerRelation.AGREE, relation(wants("f(1)"), wants("f(1)")));
    assertEquals(AnswerRelation.DISAGREE, relation(wants("f(1)"), says("f(1)")));
  }

  @Test
  void anAnswerTellsOfItselfByLengthDigitsAndLogProbabilities() {
    AnswerSignals signals =
        new AnswerSignals(
            OptionalDouble.of(Math.log(.5)),
            OptionalDouble.of(Math.log(.25)),
            OptionalDouble.of(-1e-9),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    double[] own = new GivenAnswer("a 42", Optional.empty(), signals).own();
    // ln 5; short; two of four; ln(1/3); ln 1; beyond the most that counts.
    assertArrayEquals(new double[] {1.6094, 1, .5, -1.0986, 0, 16}, own, 1e-4);
    assertArrayEquals(
        new double[GivenAnswer.OWN - 2], java.util.Arrays.copyOfRange(says("").own(), 2, 6));
    assertEquals(0, says("x".repeat(49)).own()[1]);
  }

  /** Members 0 and 2 say B, 1 says C, 3 is silent; log-odds 1, 2, 3, 4. */
  private static final Evidence EVIDENCE =
      new Evidence(
          new double[] {1, 2, 3, 4},
          List.of(
              Optional.of(says("B")),
              Optional.of(says("C")),
              Optional.of(says("B")),
              Optional.empty()),
          AnswerForm.AUTO);

  @Test
  void whoAnsweredIsToldBit() {
    assertEquals(0b0111, EVIDENCE.answered());
  }

  @Test
  void ofAnAnswerTheOthersTell() {
    double[] x = EVIDENCE.ofAnswered(2, 0b111);
    assertEquals(3, x[0]);
    assertArrayEquals(
        new double[] {1, 0, 1, 0, 0, 1, 0, 2},
        java.util.Arrays.copyOfRange(x, 1 + GivenAnswer.OWN, x.length));
    assertEquals(1 + GivenAnswer.OWN, EVIDENCE.ofAnswered(2, 0b100).length);
  }

  /** Of 3: the answers of 0 (.8), 1 (.2), 2 (.5), and who agrees with whom. */
  @Test
  void ofASilentMemberTheAnswersTell() {
    double[] estimated = {.8, .2, .5, Double.NaN};
    assertArrayEquals(
        new double[] {4, Math.log(4), -Math.log(4), 0, 1, 0, 1, 0, 0, 1},
        EVIDENCE.ofSilent(3, 0b111, estimated),
        1e-9);
    assertArrayEquals(new double[] {4, -Math.log(4)}, EVIDENCE.ofSilent(3, 0b010, estimated), 1e-9);
  }
}
