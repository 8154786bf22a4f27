package dev.tutti.cascade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.cascade.method.confidence.ModelCascading.Settings;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InOrderTest extends PolicyContract {

  @Override
  protected Policy policy(int members, Random random) {
    return new InOrder(
        new ModelCascading(
            new Settings(
                Confidence.values()[random.nextInt(Confidence.values().length)],
                List.of(random.nextDouble()))));
  }

  /** Probabilities .4 and .9 at a threshold of .8. */
  @Test
  void membersAreAskedInTheirOrderUntilTheRuleAccepts() {
    var policy = new InOrder(new ModelCascading(new Settings(Confidence.MAXPROB, List.of(0.8))));
    double[] sure = {0.4, 0.9, 1};
    Run run = run(policy, 3, asked -> says(asked, "x", Math.log(sure[asked.member()])), 9);
    assertEquals(
        List.of(List.of(Generate.asAsked(0)), List.of(Generate.asAsked(1))),
        run.asks().stream().map(Policy.Ask::calls).toList());
    assertEquals("maxprob 0.400 < threshold 0.800.", run.asks().getLast().explanation());
    assertEquals(0.4, run.asks().getLast().confidence().orElseThrow(), 1e-12);
    assertEquals(1, assertInstanceOf(Policy.Accept.class, run.end()).stage());
    assertEquals(0.9, run.end().confidence().orElseThrow(), 1e-12);
  }

  /** A margin is read from alternatives, which the last, who is taken anyhow, need not tell. */
  @Test
  void membersAreAskedForTheSignalThatTheRuleReads() {
    var policy = new InOrder(new ModelCascading(new Settings(Confidence.MARGIN, List.of(0.8))));
    Run run = run(policy, 2, asked -> says(asked, "x", -1), 9);
    Call first = run.asks().getFirst().calls().getFirst();
    assertEquals(5, ((Generate) first).change().topLogprobs());
    assertEquals(List.of(Generate.asAsked(1)), run.asks().getLast().calls());
  }

  @Test
  void whatIsGivenWhileItIsWrittenIsOneAnswer() {
    Call two = new Generate(0, Prompt.AS_ASKED, 2, SamplingChange.NONE, "");
    for (List<Call> calls : List.of(List.<Call>of(two), List.<Call>of())) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Policy.Ask(calls, 1, true, OptionalDouble.empty(), ""));
    }
  }
}
