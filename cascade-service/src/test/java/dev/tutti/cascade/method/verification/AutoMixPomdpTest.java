package dev.tutti.cascade.method.verification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Policy;
import dev.tutti.cascade.PolicyContract;
import dev.tutti.cascade.method.verification.AutoMixPomdp.Settings;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AutoMixPomdpTest extends PolicyContract {

  /** The artifact may know fewer members than there are, and more. */
  @Override
  protected Policy policy(int members, Random random) {
    int known = members == 1 ? 1 : 1 + random.nextInt(members + 1);
    var values = new float[3 * (known - 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2);
    }
    return policy(IntStream.range(0, known).mapToObj(m -> "m" + m).toList(), values);
  }

  /** Of three bins: no check, half of them, all. */
  private static AutoMixPomdp policy(List<String> members, float... values) {
    return new AutoMixPomdp(
        Settings.DEFAULTS,
        new VerifierBins(
            members, 2, new TunedPoints(List.of(new TunedPoints.Point(1, .5, values)), 0)));
  }

  private static List<Stage> checked(int member, int round, int correct, int incorrect) {
    var stages = new ArrayList<Stage>();
    stages.add(new Answered(new Asked(round, 0, member, round, ""), "42", AnswerSignals.NONE));
    for (int i = 0; i < correct + incorrect; i++) {
      stages.add(
          new Answered(
              new Asked(round + 1, i, member, round + 1, "verify"),
              i < correct ? "correct" : "incorrect",
              AnswerSignals.NONE));
    }
    return stages;
  }

  private static int asked(Policy.Step step) {
    return assertInstanceOf(Policy.Ask.class, step).calls().getFirst().member();
  }

  private static int accepted(Policy.Step step) {
    return assertInstanceOf(Policy.Accept.class, step).stage();
  }

  /** In the middle bin alone: of eight, two to five, as 2/8 and 6/8 are nearest to it and above. */
  @Test
  void theBinOfTheShareDecides() {
    Policy policy = policy(List.of("m0", "m1"), 0, 1, 0);
    for (int correct = 0; correct <= 8; correct++) {
      Policy.Step step = policy.next(episode(2, checked(0, 1, correct, 8 - correct), false));
      assertEquals(correct / 8.0, step.confidence().orElseThrow());
      if (correct >= 2 && correct < 6) {
        assertEquals(1, asked(step));
      } else {
        assertEquals(0, accepted(step));
      }
    }
  }

  /** The artifact's order, not the recipe's; each member its own bins. */
  @Test
  void membersAreAskedInTheOrderThatWasLearned() {
    Policy policy = policy(List.of("m2", "m0", "m1"), 1, 0, 0, 0, 0, 1);
    assertEquals(2, asked(policy.next(episode(3, List.of(), false))));
    List<Stage> stages = new ArrayList<>(checked(2, 1, 0, 8));
    assertEquals(0, asked(policy.next(episode(3, stages, false))));
    stages.addAll(checked(0, 3, 8, 0));
    var last = assertInstanceOf(Policy.Ask.class, policy.next(episode(3, stages, false)));
    assertEquals(1, asked(last));
    assertTrue(last.live());
    assertEquals(0, accepted(policy.next(episode(3, checked(2, 1, 8, 0), false))));
  }

  @Test
  void whomTheArtifactDoesNotKnowIsAskedOnlyWhereAllOthersFailed() {
    Policy policy = policy(List.of("m1", "m2"), 1, 1, 1);
    assertEquals(1, asked(policy.next(episode(3, List.of(), false))));
    List<Stage> stages = new ArrayList<>(checked(1, 1, 0, 8));
    stages.add(new Failed(new Asked(3, 0, 2, 3, "")));
    assertEquals(0, accepted(policy.next(episode(3, stages, false))), "its answer is there");
    stages = new ArrayList<>(List.of(new Failed(new Asked(0, 0, 1, 1, ""))));
    stages.add(new Failed(new Asked(1, 0, 2, 2, "")));
    assertEquals(0, asked(policy.next(episode(3, stages, false))));
  }

  /** Of the ensemble's members: the last that was learned from is missing. */
  @Test
  void theLastOneThereIsAnswers() {
    Policy policy = policy(List.of("m0", "m1", "m7"), 1, 1, 1, 1, 1, 1);
    List<Stage> stages = new ArrayList<>(checked(0, 1, 8, 0));
    var ask = assertInstanceOf(Policy.Ask.class, policy.next(episode(2, stages, false)));
    assertTrue(ask.live());
    stages.add(new Answered(new Asked(3, 0, 1, 3, ""), "x", AnswerSignals.NONE));
    assertEquals(9, accepted(policy.next(episode(2, stages, false))));
  }

  /** Of those that were learned from. */
  @Test
  @Override
  protected void timeIsLeftForThoseThatMayBeAskedYet() {
    Policy policy = policy(List.of("m0", "m1", "m2"), 1, 1, 1, 1, 1, 1);
    Run run = run(policy, 3, Failed::new, 99);
    assertEquals(List.of(3, 2, 1), run.asks().stream().map(Policy.Ask::turns).toList());
  }
}
