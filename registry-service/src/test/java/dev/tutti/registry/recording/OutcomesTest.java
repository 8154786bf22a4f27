package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.Duration;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Timing;
import dev.tutti.generation.v1.TokenAlternative;
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
    assertEquals(18, outcome.getNumbersCount());
    assertEquals(3, outcome.getNumbersOrThrow("tokens_out"));
    assertEquals(-6, outcome.getNumbersOrThrow("sum_logprob"));
    assertEquals(-4, outcome.getNumbersOrThrow("logprob_q0"));
    // A tenth of the way through three places is a fifth of the way from the first to the second.
    assertEquals(-3.6, outcome.getNumbersOrThrow("logprob_q1"), 1e-12);
    assertEquals(-2, outcome.getNumbersOrThrow("logprob_q5"), 1e-12);
    assertEquals(0, outcome.getNumbersOrThrow("logprob_q10"));
    assertEquals(-4, outcome.getNumbersOrThrow("min_logprob"));
    assertEquals(0.5, outcome.getNumbersOrThrow("agreement"));
    assertEquals(1, outcome.getNumbersOrThrow("mean_entropy"));
    assertEquals(9, outcome.getNumbersOrThrow("tokens_in"));
    assertFalse(outcome.containsNumbers("option_margin"), "it names none");
  }

  @Test
  void howItWasDividedBetweenOptionsIsKept() {
    var token =
        TokenLogprob.newBuilder()
            .setToken("B")
            .setLogprob(Math.log(.6))
            .addTop(TokenAlternative.newBuilder().setToken("B").setLogprob(Math.log(.6)))
            .addTop(TokenAlternative.newBuilder().setToken("The").setLogprob(Math.log(.1)))
            .addTop(TokenAlternative.newBuilder().setToken("C").setLogprob(Math.log(.3)))
            .build();
    Completion answer =
        Completion.newBuilder()
            .setText("B")
            .setSignals(
                Signals.newBuilder()
                    .setMeanLogprob(-1)
                    .setSumLogprob(-1)
                    .setMinLogprob(-1)
                    .setMeanEntropy(1)
                    .setMaxEntropy(1)
                    .setMeanDistanceToUniform(.5)
                    .setMinDistanceToUniform(.25)
                    .setAgreement(1)
                    .setReward(2))
            .build();
    Outcome outcome = Outcomes.of("m", answer, List.of(token), 1);
    // 2/3 and 1/3 of the two letters.
    assertEquals(1 / 3.0, outcome.getNumbersOrThrow("option_margin"), 1e-12);
    assertEquals(
        Math.log(3) - 2 / 3.0 * Math.log(2), outcome.getNumbersOrThrow("option_entropy"), 1e-12);
    // There is room for all that an answer may say of itself.
    assertEquals(24, outcome.getNumbersCount());
    assertEquals(.25, outcome.getNumbersOrThrow("min_distance_to_uniform"));
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
