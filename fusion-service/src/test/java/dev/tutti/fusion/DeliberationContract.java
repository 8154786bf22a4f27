package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every method of this family that says what to ask next. */
public abstract class DeliberationContract {

  private static final int MOST_ROUNDS = 64;

  /** The method, with settings drawn at random. */
  protected abstract Deliberation deliberation(Random random);

  /** Members of which it may make use: one or two, in their roles. */
  protected abstract List<MemberCard> members(int count);

  private record Run(List<Stage> stages, Deliberation.Step end) {}

  /** Runs it as the service does: on without money, and where nobody answered there is an end. */
  private Run run(Deliberation method, List<MemberCard> members, Random random, int rounds) {
    var stages = new ArrayList<Stage>();
    for (int round = 1; round <= MOST_ROUNDS; round++) {
      boolean exhausted = round > rounds;
      var episode = new Episode(new Query("?"), members, stages, OptionalDouble.empty(), exhausted);
      Deliberation.Step step = method.next(episode);
      assertEquals(step, method.next(episode), "the same episode, another step");
      List<Call> calls =
          switch (step) {
            case Deliberation.Ask ask -> ask.calls();
            case Deliberation.Write write -> List.of(write.call());
            case Deliberation.Give _, Deliberation.Abstain _ -> List.of();
          };
      if (calls.isEmpty()) {
        return new Run(stages, step);
      }
      assertFalse(exhausted, "asks on beyond the budget");
      boolean answered = false;
      for (Call call : calls) {
        assertTrue(call.member() >= 0 && call.member() < members.size(), call::toString);
        for (int sample = 0; sample < call.samples(); sample++) {
          Asked asked = new Asked(round, sample, call.member(), round, call.purpose());
          boolean failed = random.nextInt(4) == 0;
          answered |= !failed;
          stages.add(
              failed
                  ? new Failed(asked)
                  : new Answered(asked, "" + random.nextInt(3), AnswerSignals.NONE));
        }
      }
      if (step instanceof Deliberation.Write && answered
          || stages.stream().noneMatch(Answered.class::isInstance)) {
        return new Run(stages, step);
      }
    }
    throw new AssertionError("It never ends.");
  }

  @Test
  void everyEpisodeEndsWithAnAnswerOfThoseThatThereAre() {
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      Run run =
          run(deliberation(random), members(1 + random.nextInt(2)), random, 1 + random.nextInt(3));
      if (run.end() instanceof Deliberation.Give give) {
        int chosen = give.weighed().weighing().chosen().orElseThrow();
        assertInstanceOf(Answered.class, run.stages().get(give.weighed().stages().get(chosen)));
      }
    }
  }

  @Test
  void somebodyIsAskedFirst() {
    var episode = new Episode(new Query("?"), members(1), List.of(), OptionalDouble.empty(), false);
    assertInstanceOf(Deliberation.Ask.class, deliberation(new Random(1)).next(episode));
  }
}
