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
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.Episode.Scored;
import dev.tutti.kit.calls.Episode.Stage;
import dev.tutti.kit.calls.Episode.TextScore;
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

  /** Purposes of calls that answer something else than the query. */
  private static final List<String> NO_ANSWERS = List.of("compare ", "judge");

  /** The method, with settings drawn at random. */
  protected abstract Deliberation deliberation(Random random);

  /** Members of which it may make use: one or two that propose, and whoever else it needs. */
  protected abstract List<MemberCard> members(int count);

  private record Run(List<Stage> stages, Deliberation.Step end) {}

  /** Runs it as the service does: on without money, and where nobody answered there is an end. */
  private Run run(Deliberation method, List<MemberCard> members, Random random, int rounds) {
    var stages = new ArrayList<Stage>();
    int made = 0;
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
      for (Call call : calls) {
        int first = call instanceof Call.Embed ? Call.PLATFORM : 0;
        assertTrue(call.member() >= first && call.member() < members.size(), call::toString);
        for (int sample = 0; sample < call.samples(); sample++) {
          Asked asked = new Asked(made, sample, call.member(), round, call.purpose());
          stages.add(stage(call, asked, random));
        }
        made++;
      }
      boolean silence = stages.stream().noneMatch(Answered.class::isInstance);
      var after = new Episode(new Query("?"), members, stages, OptionalDouble.empty(), false);
      if (step instanceof Deliberation.Write && saidSomething(stages)
          || silence && (round >= rounds || !method.asksOn(after))) {
        return new Run(stages, step);
      }
    }
    throw new AssertionError("It never ends.");
  }

  private static boolean saidSomething(List<Stage> stages) {
    return stages.getLast() instanceof Answered last && !last.text().isBlank();
  }

  /** One in four fails, one in eight says nothing. */
  private static Stage stage(Call call, Asked asked, Random random) {
    if (random.nextInt(4) == 0) {
      return new Failed(asked);
    }
    return switch (call) {
      case Call.Generate _ -> {
        String text = random.nextInt(8) == 0 ? " " : "" + random.nextInt(3);
        yield new Answered(asked, text, AnswerSignals.NONE);
      }
      case Call.Score score ->
          new Scored(
              asked,
              score.texts().stream()
                  .map(_ -> new TextScore(random.nextGaussian(), List.of()))
                  .toList());
      case Call.Embed embed ->
          new Embedded(
              asked,
              embed.texts().stream()
                  .map(_ -> new float[] {random.nextFloat(), random.nextFloat()})
                  .toList());
    };
  }

  @Test
  void everyEpisodeEndsWithAnAnswerOfThoseThatThereAre() {
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      Run run =
          run(deliberation(random), members(1 + random.nextInt(2)), random, 1 + random.nextInt(3));
      if (run.end() instanceof Deliberation.Give give) {
        int chosen = give.weighed().weighing().chosen().orElseThrow();
        Stage given = run.stages().get(give.weighed().stages().get(chosen));
        assertInstanceOf(Answered.class, given);
        assertTrue(
            NO_ANSWERS.stream().noneMatch(given.asked().purpose()::startsWith), given::toString);
      }
    }
  }

  @Test
  void somebodyIsAskedFirst() {
    var episode = new Episode(new Query("?"), members(1), List.of(), OptionalDouble.empty(), false);
    assertInstanceOf(Deliberation.Ask.class, deliberation(new Random(1)).next(episode));
  }
}
