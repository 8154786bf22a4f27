package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.registry.v1.Outcome;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordedColumnsTest {

  @Test
  void elevenQuantilesStandForTheTokens() {
    Outcome.Builder outcome = Outcome.newBuilder().putNumbers("sum_logprob", -7);
    IntStream.rangeClosed(0, 10).forEach(q -> outcome.putNumbers("logprob_q" + q, q - 10));
    var signals = RecordedColumns.signals(outcome.build());
    assertEquals(OptionalDouble.of(-7), signals.sumLogprob());
    assertEquals(
        IntStream.rangeClosed(-10, 0).mapToObj(q -> (double) q).toList(), signals.tokenLogprobs());
    assertEquals(
        List.of(),
        RecordedColumns.signals(outcome.removeNumbers("logprob_q3").build()).tokenLogprobs());
  }
}
