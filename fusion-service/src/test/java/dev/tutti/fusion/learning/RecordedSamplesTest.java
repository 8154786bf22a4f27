package dev.tutti.fusion.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.fusion.method.vote.WeightedVoteFit;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.FitQuality.SelfFusion;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.Parameters;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordedSamplesTest {

  private static final FitRequest REQUEST =
      FitRequest.of(
          Struct.newBuilder()
              .putFields("artifact", text("team/x"))
              .putFields("method", text("weighted-vote"))
              .putFields("dataset", text("d"))
              .build(),
          List.of(new WeightedVoteFit()));

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private final RecordedSamples samples = new RecordedSamples(REQUEST, List.of("a", "b", "c"));
  private final List<MeasuredChoices.Choice> choices = new ArrayList<>();

  /** The next question that is held out. */
  private RecordedQuery.Builder question() {
    int from = choices.isEmpty() ? 0 : asked + 1;
    asked =
        IntStream.iterate(from, i -> i + 1)
            .filter(i -> REQUEST.holdsOut(FitRequest.number("q" + i)))
            .findFirst()
            .orElseThrow();
    return RecordedQuery.newBuilder().setQuery("q" + asked);
  }

  private int asked;
  private int asking = 3;

  private static Outcome outcome(String member, double score, String response, String... samples) {
    return Outcome.newBuilder()
        .setMember(member)
        .setScore(score)
        .setResponse(response)
        .addAllSamples(List.of(samples))
        .build();
  }

  /** What the ensemble gave for it was worth so much. */
  private void add(RecordedQuery.Builder row, float given) {
    samples.add(row.build());
    choices.add(
        new MeasuredChoices.Choice(
            FitRequest.number(row.getQuery()), "", new float[] {given, 0, 0}, 0, asking));
  }

  /** What was recorded without a response: the ensemble was not measured on it. */
  @Test
  void onlyQuestionsCountThatTheEnsembleWasMeasuredOn() {
    add(question().addOutcomes(outcome("a", 1, "4", "4", "4", "5")), 1);
    var unanswered = Outcome.newBuilder().setMember("a").setScore(1);
    samples.add(
        question()
            .setReference("7")
            .addOutcomes(unanswered.addAllSamples(List.of("7", "7", "7")))
            .build());
    assertEquals(Optional.of(new SelfFusion("a", 3, 1, 1, 1)), samples.best(choices));
  }

  @Test
  void aMajorityThatCannotBeReadSaysTheSameAsNobody() {
    add(
        question()
            .setReference("7")
            .addOutcomes(outcome("a", 1, "7", "", " ", "\n"))
            .addOutcomes(outcome("b", 1, "")),
        1);
    assertEquals(Optional.of(new SelfFusion("a", 3, 1, 0, 1)), samples.best(choices));
  }

  /** One and a half a question: the first two, of which the first is taken. */
  @Test
  void asManySamplesAreTakenAsMembersAreAsked() {
    asking = 1;
    add(question().setReference("7").addOutcomes(outcome("a", 1, "7", "5", "7", "7")), 1);
    asking = 2;
    add(question().setReference("7").addOutcomes(outcome("a", 1, "7", "7", "5", "5")), 0);
    assertEquals(Optional.of(new SelfFusion("a", 2, 2, .5, .5)), samples.best(choices));
  }

  @Test
  void aMajorityOfSamplesHasTheScoreOfWhoSaysTheSame() {
    add(
        question()
            .addOutcomes(outcome("a", 0, "4", "5", "The answer is 5.0", "4", "4", "4"))
            .addOutcomes(outcome("b", .5, "5")),
        1);
    add(question().addOutcomes(outcome("a", .25, "B", "B", "C", "B")), 0);
    assertEquals(Optional.of(new SelfFusion("a", 3, 2, .375, .5)), samples.best(choices));
  }

  @Test
  void whereNobodySaysTheSameTheReferenceTells() {
    add(question().setReference("7").addOutcomes(outcome("a", 0, "4", "7", "7", "4")), 1);
    add(question().setReference("7").addOutcomes(outcome("a", 0, "4", "5", "5", "4")), 1);
    // Neither can be scored: no reference, and scores that are not 0 or 1.
    add(question().addOutcomes(outcome("a", 0, "4", "5", "5", "4")), 0);
    add(question().setReference("7").addOutcomes(outcome("a", .5, "4", "7", "7", "4")), 0);
    assertEquals(Optional.of(new SelfFusion("a", 3, 2, .5, 1)), samples.best(choices));
  }

  @Test
  void theMemberThatDoesBestIsTaken() {
    for (int i = 0; i < 4; i++) {
      add(
          question()
              .addOutcomes(outcome("a", 1, "1", i < 2 ? "1" : "2", i < 2 ? "1" : "2", "3"))
              .addOutcomes(outcome("b", 0, "2", i < 3 ? "1" : "2", i < 3 ? "1" : "2", "3"))
              .addOutcomes(outcome("stranger", 1, "1", "1", "1", "1")),
          1);
    }
    assertEquals(Optional.of(new SelfFusion("b", 3, 4, .75, 1)), samples.best(choices));
  }

  @Test
  void fewerSamplesThanMembersAreNone() {
    add(question().addOutcomes(outcome("a", 1, "1", "1", "1")), 1);
    assertEquals(Optional.empty(), samples.best(choices));
  }

  @Test
  void whatIsLearnedFromDoesNotCount() {
    int learned =
        IntStream.iterate(0, i -> i + 1)
            .filter(i -> !REQUEST.holdsOut(FitRequest.number("q" + i)))
            .findFirst()
            .orElseThrow();
    add(
        RecordedQuery.newBuilder()
            .setQuery("q" + learned)
            .addOutcomes(outcome("a", 1, "1", "1", "1", "1")),
        1);
    assertEquals(Optional.empty(), samples.best(choices));
  }

  @Test
  void anArtifactThatDoesNotKnowTheMemberTellsTheRest() {
    var self = new SelfFusion("gone", 2, 9, .5, .75);
    var quality = new FitQuality(.75, "a", .5, .875, Optional.of(self), Optional.empty());
    assertEquals(
        Optional.of(new SelfFusion("", 2, 9, .5, .75)),
        FitQuality.of(quality.with(Parameters.of(List.of("a")))).orElseThrow().self());
  }

  @Test
  void anArtifactCarriesIt() {
    for (Optional<SelfFusion> self :
        List.of(Optional.<SelfFusion>empty(), Optional.of(new SelfFusion("b", 2, 9, .5, .75)))) {
      var quality = new FitQuality(.75, "a", .5, .875, self, Optional.empty());
      assertEquals(
          Optional.of(quality), FitQuality.of(quality.with(Parameters.of(List.of("a", "b")))));
    }
  }
}
