package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Duration;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.TokenLogprob;
import dev.tutti.generation.v1.Usage;
import dev.tutti.registry.v1.Outcome;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class OutcomesTest {

  private static List<TokenLogprob> tokens(double... logprobs) {
    return DoubleStream.of(logprobs)
        .mapToObj(l -> TokenLogprob.newBuilder().setLogprob(l).build())
        .toList();
  }

  @Test
  void everyThingThatAnAnswerTellsIsKept() {
    Completion answer =
        Completion.newBuilder()
            .setText("42")
            .setCostUsd(0.25)
            .setUsage(Usage.newBuilder().setPromptTokens(9).setCompletionTokens(3))
            .setTiming(Timing.newBuilder().setTotal(Duration.newBuilder().setSeconds(2)))
            .setSignals(
                Signals.newBuilder()
                    .setMeanLogprob(-2)
                    .setSumLogprob(-6)
                    .setMinLogprob(-4)
                    .setAgreement(0.5)
                    .setMeanEntropy(1))
            .build();
    Outcome outcome = Outcomes.of("m", answer, tokens(-4, 0, -2), 9);
    assertEquals("m", outcome.getMember());
    assertEquals("42", outcome.getResponse());
    assertEquals(0.25, outcome.getCost());
    assertEquals(2, outcome.getLatencySeconds());
    assertEquals(-2, outcome.getConfidence());
    // 16 at most: the quantiles are all there, what counts less is not.
    assertEquals(16, outcome.getNumbersCount());
    assertEquals(3, outcome.getNumbersOrThrow("tokens_out"));
    assertEquals(-6, outcome.getNumbersOrThrow("sum_logprob"));
    assertEquals(-4, outcome.getNumbersOrThrow("logprob_q0"));
    // A tenth of the way through three places is a fifth of the way from the first to the second.
    assertEquals(-3.6, outcome.getNumbersOrThrow("logprob_q1"), 1e-12);
    assertEquals(-2, outcome.getNumbersOrThrow("logprob_q5"), 1e-12);
    assertEquals(0, outcome.getNumbersOrThrow("logprob_q10"));
    assertFalse(outcome.containsNumbers("mean_entropy"));
  }

  @Test
  void whatIsNotKnownIsNotMadeUp() {
    Outcome outcome =
        Outcomes.of("m", Completion.newBuilder().setText("42").build(), List.of(), 0.5);
    assertEquals(0.5, outcome.getLatencySeconds());
    assertFalse(outcome.hasConfidence());
    assertEquals(java.util.Set.of("tokens_out", "tokens_in"), outcome.getNumbersMap().keySet());
  }

  @Test
  void votesAreConfidenceWhereNoTokenTells() {
    Completion voted =
        Completion.newBuilder().setSignals(Signals.newBuilder().setAgreement(0.6)).build();
    assertEquals(0.6, Outcomes.of("m", voted, List.of(), 1).getConfidence());
  }
}
