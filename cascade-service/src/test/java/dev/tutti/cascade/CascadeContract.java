package dev.tutti.cascade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Asked;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every method of this family. */
public abstract class CascadeContract {

  protected static final Query QUERY = new Query("What is 6 x 7?");

  /** The rule for this many members, with its defaults. */
  protected abstract DeferralRule rule(int members);

  /** An episode of members in their order, one stage each. */
  protected static Episode episode(int members, List<Stage> stages, boolean exhausted) {
    return new Episode(
        QUERY,
        IntStream.range(0, members).mapToObj(m -> MemberCard.of("m" + m, 1)).toList(),
        stages,
        OptionalDouble.empty(),
        exhausted);
  }

  /** Rules look at the order of the stages, and not at whose they are. */
  protected static final Asked ASKED = new Asked(0, 0, 0, 1, "");

  /** An answer with all signals, each from the same log-probability. */
  protected static Answered answered(String text, double logprob) {
    OptionalDouble log = OptionalDouble.of(logprob);
    OptionalDouble plain = OptionalDouble.of(Math.exp(logprob));
    return new Answered(ASKED, text, new AnswerSignals(log, log, log, plain, plain));
  }

  @Test
  void oneMemberIsTheIdentity() {
    for (double logprob : new double[] {0, -1, -50, Double.NEGATIVE_INFINITY, Double.NaN}) {
      var verdict = rule(1).decide(episode(1, List.of(answered("x", logprob)), true));
      assertEquals(0, assertInstanceOf(Verdict.Accept.class, verdict).stage());
    }
    var unknown = new Answered(ASKED, "x", AnswerSignals.NONE);
    var verdict = rule(1).decide(episode(1, List.of(unknown), true));
    assertEquals(0, assertInstanceOf(Verdict.Accept.class, verdict).stage());
  }

  @Test
  void aFailureIsARejectionWhileThereIsSomebodyToAsk() {
    Episode failed = episode(2, List.of(new Failed(ASKED)), false);
    assertInstanceOf(Verdict.Defer.class, rule(2).decide(failed));
  }

  @Test
  void anAnswerThatSaysNothingOfItselfIsRejectedWhileThereIsSomebodyToAsk() {
    for (AnswerSignals signals : List.of(AnswerSignals.NONE, answered("", Double.NaN).signals())) {
      Episode unknown = episode(2, List.of(new Answered(ASKED, "x", signals)), false);
      assertInstanceOf(Verdict.Defer.class, rule(2).decide(unknown));
    }
  }

  @Test
  void anExhaustedEpisodeIsNeverDeferredAndOnlyAnAnswerIsAccepted() {
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      int members = 1 + random.nextInt(5);
      List<Stage> stages = stages(random, 1 + random.nextInt(members));
      if (stages.stream().noneMatch(Answered.class::isInstance)) {
        continue;
      }
      Episode episode = episode(members, stages, true);
      Verdict verdict = rule(members).decide(episode);
      assertFalse(verdict instanceof Verdict.Defer, episode::toString);
      if (verdict instanceof Verdict.Accept accept) {
        assertInstanceOf(Answered.class, stages.get(accept.stage()));
      }
      assertEquals(verdict, rule(members).decide(episode), "the same episode, another verdict");
    }
  }

  @Test
  void whatIsAnnouncedAsAcceptedIsAccepted() {
    Random random = new Random(6);
    for (int round = 0; round < 500; round++) {
      int members = 1 + random.nextInt(4);
      List<Stage> before = stages(random, random.nextInt(members));
      if (!rule(members).acceptsNext(episode(members, before, false))) {
        continue;
      }
      var stages = new ArrayList<>(before);
      stages.add(answered("x", -random.nextInt(20)));
      boolean all = stages.size() == members;
      Verdict verdict = rule(members).decide(episode(members, stages, all));
      assertEquals(before.size(), assertInstanceOf(Verdict.Accept.class, verdict).stage());
    }
  }

  private static List<Stage> stages(Random random, int count) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < count; i++) {
      stages.add(
          switch (random.nextInt(4)) {
            case 0 -> new Failed(ASKED);
            case 1 -> new Answered(ASKED, "x", AnswerSignals.NONE);
            default -> answered("x", -3 * random.nextDouble());
          });
    }
    return stages;
  }
}
