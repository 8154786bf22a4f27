package dev.tutti.cascade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.method.prompt.PromptCost;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every method of this family, as a policy. */
public abstract class PolicyContract {

  /** The policy for this many members, with settings drawn at random, or its defaults. */
  protected abstract Policy policy(int members, Random random);

  /** An episode. */
  protected static Episode episode(int members, List<Stage> stages, boolean exhausted) {
    return new Episode(
        new Query("What is 6 x 7?"),
        IntStream.range(0, members).mapToObj(m -> MemberCard.of("m" + m, 1)).toList(),
        stages,
        OptionalDouble.empty(),
        exhausted);
  }

  /** An answer of a member, with all signals from one log-probability. */
  protected static Answered says(Asked asked, String text, double logprob) {
    OptionalDouble log = OptionalDouble.of(logprob);
    OptionalDouble plain = OptionalDouble.of(Math.exp(logprob));
    return new Answered(asked, text, new AnswerSignals(log, log, log, plain, plain));
  }

  /**
   * How many times what an answer costs a member must be paid for, at least, for it to be asked.
   */
  protected double answersPaid() {
    return 1;
  }

  /** Whom the budget does not pay is passed over: a request fails only where it pays nobody. */
  @Test
  void whereTheBudgetPaysSomebodySomebodyAnswers() {
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      int members = 1 + random.nextInt(5);
      Policy policy = policy(members, random);
      List<MemberCard> cards =
          IntStream.range(0, members)
              .mapToObj(
                  m -> MemberCard.of("m" + m, 1).costing(Math.pow(10, 3 * random.nextDouble())))
              .toList();
      double least = cards.stream().mapToDouble(MemberCard::expectedUsd).min().orElseThrow();
      double left = Math.pow(10, 3 * random.nextDouble());
      boolean pays = answersPaid() * least <= left;
      var stages = new ArrayList<Stage>();
      boolean exhausted = false;
      for (int call = 0; ; call++) {
        var query = new Query("What is 6 x 7?");
        var its = new Episode(query, cards, stages, OptionalDouble.of(left), exhausted);
        if (!(policy.next(its) instanceof Policy.Ask ask)) {
          assertTrue(!pays || stages.stream().anyMatch(Answered.class::isInstance), "seed " + seed);
          break;
        }
        assertFalse(exhausted, "asks on beyond the budget");
        double usd = 0;
        var answers = new ArrayList<Stage>();
        for (Call each : ask.calls()) {
          for (int sample = 0; sample < each.samples(); sample++) {
            var asked = new Asked(call, sample, each.member(), call + 1, each.purpose());
            if (each instanceof Generate generate) {
              usd += PromptCost.usd(cards.get(each.member()), query, generate.prompt());
              answers.add(says(asked, "" + random.nextInt(3), -3 * random.nextDouble()));
            } else {
              answers.add(new Failed(asked));
            }
          }
        }
        exhausted = usd > left;
        if (exhausted && stages.stream().noneMatch(Answered.class::isInstance)) {
          assertFalse(pays, "seed " + seed);
          break;
        }
        if (!exhausted) {
          left -= usd;
          stages.addAll(answers);
        }
      }
    }
  }

  /** How an episode ended, and what was asked on the way. */
  protected record Run(List<Stage> stages, List<Policy.Ask> asks, Policy.Step end) {}

  /** Runs a policy until it ends, or the budget does. */
  protected static Run run(
      Policy policy, int members, Function<Asked, Stage> answers, int mostRounds) {
    var stages = new ArrayList<Stage>();
    var asks = new ArrayList<Policy.Ask>();
    for (int round = 1; ; round++) {
      boolean exhausted = round > mostRounds;
      Episode episode = episode(members, stages, exhausted);
      Policy.Step step = policy.next(episode);
      assertEquals(step, policy.next(episode), "the same episode, another step");
      if (!(step instanceof Policy.Ask ask)) {
        return new Run(stages, asks, step);
      }
      assertFalse(exhausted, "asks on beyond the budget");
      asks.add(ask);
      for (Call call : ask.calls()) {
        boolean platform = call.member() == Call.PLATFORM && call instanceof Call.Embed;
        assertTrue(platform || call.member() >= 0 && call.member() < members, call::toString);
        if (call instanceof Generate its && its.change().temperature().orElse(0) > 0) {
          assertTrue(policy.draws(), "it draws, and does not say so");
        }
        for (int sample = 0; sample < call.samples(); sample++) {
          var asked = new Asked(asks.size() - 1, sample, call.member(), round, call.purpose());
          stages.add(
              call instanceof Call.Embed embed
                  ? new Episode.Embedded(
                      asked, Collections.nCopies(embed.texts().size(), new float[] {1}))
                  : answers.apply(asked));
        }
      }
      if (ask.live() && stages.getLast() instanceof Answered) {
        Policy.Step next = policy.next(episode(members, stages, false));
        assertEquals(
            stages.size() - 1, assertInstanceOf(Policy.Accept.class, next).stage(), "given live");
      }
    }
  }

  private static Function<Asked, Stage> drawn(Random random) {
    return asked ->
        random.nextInt(5) == 0
            ? new Failed(asked)
            : says(asked, "" + random.nextInt(3), -3 * random.nextDouble());
  }

  @Test
  void oneMemberIsAskedOnceAsTheRequestWasAndGiven() {
    for (int seed = 0; seed < 20; seed++) {
      Policy policy = policy(1, new Random(seed));
      Run run = run(policy, 1, asked -> says(asked, "", -9), 9);
      assertEquals(List.of(Generate.asAsked(0)), run.asks().getFirst().calls());
      assertEquals(1, run.asks().size());
      assertEquals(0, assertInstanceOf(Policy.Accept.class, run.end()).stage());
    }
  }

  @Test
  void everyEpisodeEndsWithAnAnswerWhereThereIsOne() {
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      int members = 1 + random.nextInt(5);
      Run run = run(policy(members, random), members, drawn(random), 1 + random.nextInt(members));
      boolean answered = run.stages().stream().anyMatch(Answered.class::isInstance);
      switch (run.end()) {
        case Policy.Accept accept ->
            assertInstanceOf(Answered.class, run.stages().get(accept.stage()));
        case Policy.Abstain _ -> assertFalse(answered, run::toString);
        case Policy.Ask ask -> throw new AssertionError(ask);
      }
    }
  }

  @Test
  void whereNobodyAnswersNothingIsAccepted() {
    for (int members = 1; members < 4; members++) {
      Run run = run(policy(members, new Random(1)), members, Failed::new, 99);
      assertInstanceOf(Policy.Abstain.class, run.end());
      assertEquals(
          members,
          run.stages().stream()
              .mapToInt(stage -> stage.asked().member())
              .filter(member -> member != Call.PLATFORM)
              .distinct()
              .count());
    }
  }

  @Test
  protected void timeIsLeftForThoseThatMayBeAskedYet() {
    Run run = run(policy(3, new Random(2)), 3, Failed::new, 99);
    assertEquals(List.of(3, 2, 1), run.asks().stream().map(Policy.Ask::turns).toList());
  }
}
