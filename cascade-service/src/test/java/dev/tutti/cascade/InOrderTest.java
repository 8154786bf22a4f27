package dev.tutti.cascade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.cascade.method.confidence.ModelCascading.Settings;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
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

  /** For 1, 10 and 2, of 2.5: the first and the third, and each at its own threshold. */
  @Test
  void whomTheBudgetDoesNotPayIsPassedOver() {
    var cards =
        List.of(
            MemberCard.of("a", 1).costing(1),
            MemberCard.of("b", 1).costing(10),
            MemberCard.of("c", 1).costing(1.5));
    var policy = new InOrder(new ModelCascading(new Settings(Confidence.MAXPROB, List.of(.8, .1))));
    var query = new Query("?");
    var none = new Episode(query, cards.reversed(), List.of(), OptionalDouble.of(1.2), false);
    var first = assertInstanceOf(Policy.Ask.class, policy.next(none));
    assertEquals(2, first.calls().getFirst().member());
    assertEquals(1, first.turns());
    Stage unsure = says(new Asked(0, 0, 0, 1, ""), "x", Math.log(.4));
    var one = new Episode(query, cards, List.of(unsure), OptionalDouble.of(1.5), false);
    assertEquals(List.of(Generate.asAsked(2)), ((Policy.Ask) policy.next(one)).calls());
    Stage last = says(new Asked(1, 0, 2, 2, ""), "y", -9);
    var two = new Episode(query, cards, List.of(unsure, last), OptionalDouble.of(0), false);
    assertEquals(1, assertInstanceOf(Policy.Accept.class, policy.next(two)).stage());
    var poor = new Episode(query, cards, List.of(unsure), OptionalDouble.of(.5), false);
    assertEquals(1, ((Policy.Ask) policy.next(poor)).calls().getFirst().member(), "is named");
    assertEquals(0, assertInstanceOf(Policy.Accept.class, policy.next(poor.exhaust())).stage());
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
