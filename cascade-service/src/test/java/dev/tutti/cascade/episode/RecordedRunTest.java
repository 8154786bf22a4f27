package dev.tutti.cascade.episode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.cascade.CascadeMethod;
import dev.tutti.cascade.Policy;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.method.agreement.ConsistencyPolicy;
import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.cascade.method.confidence.ModelCascading;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Episode.Embedded;
import dev.tutti.kit.calls.Episode.Failed;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Query;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RecordedRunTest {

  private static final List<MemberCard> CARDS =
      List.of(MemberCard.of("weak", 1), MemberCard.of("strong", 1));
  private static final CascadeMethod HALF =
      new ModelCascading(new ModelCascading.Settings(Confidence.MAXPROB, List.of(.5)));

  private static Optional<Recorded> answer(
      double probability, double score, double usd, String... samples) {
    OptionalDouble none = OptionalDouble.empty();
    var signals =
        new AnswerSignals(none, OptionalDouble.of(Math.log(probability)), none, none, none);
    return Optional.of(new Recorded("a", signals, score, usd, List.of(samples)));
  }

  private static Row row(Optional<Recorded> weak, Optional<Recorded> strong) {
    return new Row(1, "", new Query("q"), Optional.of(new float[] {1}), List.of(weak, strong));
  }

  private static RecordedRun run(CascadeMethod method, Row row) {
    return RecordedRun.of(method, CARDS, row);
  }

  @Test
  void whoIsSureIsPaidAlone() {
    assertEquals(
        new RecordedRun(0, .25, 1, 1), run(HALF, row(answer(.6, .25, 1), answer(.9, 1, 10))));
  }

  @Test
  void whoIsNotIsPaidToo() {
    assertEquals(
        new RecordedRun(1, 1, 11, 2), run(HALF, row(answer(.4, .25, 1), answer(.1, 1, 10))));
  }

  @Test
  void whoWasNotRecordedFails() {
    assertEquals(new RecordedRun(1, 1, 10, 1), run(HALF, row(Optional.empty(), answer(.1, 1, 10))));
    assertEquals(
        new RecordedRun(0, .25, 1, 1), run(HALF, row(answer(.4, .25, 1), Optional.empty())));
  }

  @Test
  void severalAnswersAreTheDrawnOnesAndEachIsPaid() {
    var three =
        new ConsistencyPolicy.Settings(
            3, .8, List.of(.6), ConsistencyPolicy.Settings.DEFAULTS.canonical());
    CascadeMethod vote = new ConsistencyPolicy(three);
    assertEquals(
        new RecordedRun(0, .5, 3, 3),
        run(vote, row(answer(.6, .5, 1, "7", "7", "8"), answer(.9, 1, 10, "9", "9", "9"))));
    assertEquals(
        new RecordedRun(1, 1, 13, 4),
        run(vote, row(answer(.6, .5, 1, "7", "6", "8"), answer(.9, 1, 10, "9", "9", "9"))));
  }

  @Test
  void theQuestionsVectorIsThereAndNoOther() {
    Policy looks =
        episode -> {
          if (episode.stages().isEmpty()) {
            return ask(
                new Call.Embed(Call.PLATFORM, List.of("q"), ""),
                new Call.Embed(Call.PLATFORM, List.of("other"), ""));
          }
          boolean right =
              episode.stages().getFirst() instanceof Embedded its
                  && its.vectors().getFirst()[0] == 1
                  && episode.stages().get(1) instanceof Failed;
          if (right && episode.stages().size() == 2) {
            return ask(Call.Generate.asAsked(1));
          }
          return right
              ? new Policy.Accept(2, OptionalDouble.empty(), "")
              : new Policy.Abstain(OptionalDouble.empty(), "");
        };
    assertEquals(
        new RecordedRun(1, 1, 10, 1), run(looks, row(answer(.6, .25, 1), answer(.9, 1, 10))));
  }

  private static Policy.Ask ask(Call... calls) {
    return new Policy.Ask(List.of(calls), 1, false, OptionalDouble.empty(), "");
  }
}
