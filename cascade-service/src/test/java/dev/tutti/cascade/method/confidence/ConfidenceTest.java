package dev.tutti.cascade.method.confidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.calls.AnswerSignals;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ConfidenceTest {

  /** Three tokens of probability 0.5, 0.8 and 0.9. */
  private static final AnswerSignals SIGNALS =
      new AnswerSignals(
          OptionalDouble.of((Math.log(0.5) + Math.log(0.8) + Math.log(0.9)) / 3),
          OptionalDouble.of(Math.log(0.5) + Math.log(0.8) + Math.log(0.9)),
          OptionalDouble.of(Math.log(0.5)),
          OptionalDouble.of(0.7),
          OptionalDouble.of(0.4),
          OptionalDouble.of(0.3),
          OptionalDouble.of(Math.log(4)),
          List.of());

  @Test
  void eachReadsItsSignal() {
    assertEquals(0.36, Confidence.MAXPROB.of(SIGNALS).getAsDouble(), 1e-12);
    assertEquals(Math.cbrt(0.36), Confidence.MEAN_TOKEN_PROB.of(SIGNALS).getAsDouble(), 1e-12);
    assertEquals(0.5, Confidence.MIN_TOKEN_PROB.of(SIGNALS).getAsDouble(), 1e-12);
    assertEquals(0.7, Confidence.DTU.of(SIGNALS).getAsDouble());
    assertEquals(0.4, Confidence.MIN_DTU.of(SIGNALS).getAsDouble());
    assertEquals(0.3, Confidence.MARGIN.of(SIGNALS).getAsDouble());
    assertEquals(0.25, Confidence.ENTROPY.of(SIGNALS).getAsDouble(), 1e-12);
  }

  @Test
  void whatIsMissingOrNoNumberIsUnknown() {
    OptionalDouble nan = OptionalDouble.of(Double.NaN);
    for (Confidence confidence : Confidence.values()) {
      assertEquals(OptionalDouble.empty(), confidence.of(AnswerSignals.NONE));
      assertEquals(
          OptionalDouble.empty(), confidence.of(new AnswerSignals(nan, nan, nan, nan, nan)));
    }
  }

  @Test
  void itStaysBetweenZeroAndOne() {
    OptionalDouble above = OptionalDouble.of(1e-9);
    OptionalDouble below = OptionalDouble.of(Double.NEGATIVE_INFINITY);
    assertEquals(
        1, Confidence.MAXPROB.of(new AnswerSignals(above, above, above, above, above)).orElse(-1));
    assertEquals(
        0, Confidence.MAXPROB.of(new AnswerSignals(below, below, below, below, below)).orElse(-1));
  }
}
