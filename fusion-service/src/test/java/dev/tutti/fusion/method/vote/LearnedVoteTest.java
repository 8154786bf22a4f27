package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearnedVoteTest extends FusionContract {

  private static final Query QUERY = new Query("Which one?");
  private static final List<String> MEMBERS = List.of("a", "b", "c");
  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};
  private static final LinearHeads NO_TOPICS = new LinearHeads(new Matrix(0, 1));

  @Override
  protected Selector selector() {
    return new LearnedVote(
        LearnedVote.Settings.DEFAULTS,
        new TopicWeights(
            IntStream.range(0, 8).mapToObj(i -> "m" + i).toList(),
            Matrix.row(1, 1, 1, 1, 1, 1, 1, 1),
            new double[0],
            NO_TOPICS),
        0);
  }

  private static Candidates said(float[] embedding, String... texts) {
    var answers = new ArrayList<Answer>();
    for (int i = 0; i < texts.length; i++) {
      answers.add(new Answer(List.of("a", "b", "c", "d").get(i), 1, texts[i]));
    }
    return new Candidates(
        answers,
        new Evidence(Optional.ofNullable(embedding), List.of(), new LinkedHashMap<>(), List.of()));
  }

  /** East is a topic where the first counts 2 more, north one where the second does. */
  private static LearnedVote vote() {
    return new LearnedVote(
        new LearnedVote.Settings("ours", AnswerForm.CHOICE),
        new TopicWeights(
            MEMBERS,
            Matrix.of(
                List.of(new float[] {1, 1, -1}, new float[] {2, 0, 0}, new float[] {0, 2, 0})),
            new double[] {.75, .25},
            new LinearHeads(Matrix.of(List.of(new float[] {50, 0, 0}, new float[] {0, 50, 0})))),
        4);
  }

  private static int chosen(Candidates candidates) {
    return vote().weigh(QUERY, candidates).chosen().orElseThrow();
  }

  @Test
  void theQuestionSaysWhomToBelieve() {
    assertEquals(0, chosen(said(EAST, "A", "B")));
    assertEquals(1, chosen(said(NORTH, "A", "B")));
    assertEquals(0, chosen(said(null, "A", "B")), "of the topic that is asked about more often");
  }

  @Test
  void anAnswerWeighsItsProbability() {
    // In the east A has 3 - 1 and B has 1.
    Weighing weighing = vote().weigh(QUERY, said(EAST, "A", "B", "A"));
    double a = Math.E / (Math.E + 1);
    assertEquals(a / 2, weighing.weights().get(0), 1e-9);
    assertEquals(1 - a, weighing.weights().get(1), 1e-9);
    assertEquals(a / 2, weighing.weights().get(2), 1e-9);
    assertEquals(a, weighing.agreement(), 1e-9);
    assertTrue(weighing.explanation().contains("'A' is right with a probability of 0.73"));
  }

  @Test
  void whoSpeaksAgainstAnAnswerMayTurnIt() {
    // In the east: A has 1 by the second, less 1 by the third; C, of an unknown one, has 0 too.
    Weighing weighing = vote().weigh(QUERY, said(EAST, "?", "A", "A", "C"));
    assertEquals(.5, weighing.weights().get(3), 1e-9);
    assertEquals(0, weighing.weights().getFirst(), 0, "nothing that can be read");
    assertEquals(1, weighing.chosen().orElseThrow(), "of equals the first");
  }

  @Test
  void theEnsemblesOwnWeightsMultiply() {
    var answers = List.of(new Answer("a", .25, "A"), new Answer("b", 1, "B"));
    var candidates =
        new Candidates(
            answers, new Evidence(Optional.of(EAST), List.of(), new LinkedHashMap<>(), List.of()));
    assertEquals(1, chosen(candidates), "3/4 against 1");
  }

  @Test
  void whereNothingCanBeReadAllWeighAlike() {
    Weighing weighing = vote().weigh(QUERY, said(EAST, "?", "!", ""));
    assertEquals(1 / 3.0, weighing.weights().get(1), 1e-12);
    assertEquals(0, weighing.agreement());
  }

  @Test
  void itSaysWhatItStandsOn() {
    assertEquals(Optional.of(new Fitted("ours", 4, MEMBERS)), vote().fitted());
    assertEquals(Set.of(Evidence.Kind.QUERY), vote().evidence());
    assertFalse(vote().isSettled(said(EAST, "A", "A"), List.of(1.0)));
  }

  private static RecordedAnswers recorded(boolean embedded, String... subjects) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 120; i++) {
      boolean east = i % 2 == 0;
      // In the east the first is right 5 times of 6, in the north the second.
      boolean first = east == (i % 12 > 1);
      rows.add(
          new Row(
              i,
              "",
              Map.of("category", subjects[i % subjects.length]),
              QUERY,
              said(embedded ? east ? EAST : NORTH : null, "A", "B", "C"),
              new float[] {first ? 1 : 0, first ? 0 : 1, 0}));
    }
    return new RecordedAnswers(MEMBERS, rows);
  }

  private static TopicWeights fit(RecordedAnswers data) {
    return LearnedVote.METHOD.fit(
        data,
        new LearnedVoteFit.Settings(AnswerForm.CHOICE, "category", .1, .1),
        new SplittableRandom(1));
  }

  @Test
  void itLearnsWhomToBelieveOnWhat() {
    TopicWeights learned = fit(recorded(true, "law", "maths"));
    double[] east = learned.weights(Optional.of(EAST));
    double[] north = learned.weights(Optional.of(NORTH));
    assertTrue(east[0] - east[1] > 1, "in the east the first");
    assertTrue(north[1] - north[0] > 1, "in the north the second");
    assertTrue(east[2] < -1, "the third is never right");
    double[] unknown = learned.weights(Optional.empty());
    assertEquals(0, unknown[0] - unknown[1], .2);
  }

  @Test
  void withoutLabelsOrEmbeddingsThereAreNoTopics() {
    for (RecordedAnswers data :
        List.of(recorded(true, ""), recorded(true, "law"), recorded(false, "law", "maths"))) {
      TopicWeights learned = fit(data);
      assertEquals(0, learned.shares().length);
      assertArrayEquals(learned.weights(Optional.of(EAST)), learned.weights(Optional.empty()));
      assertEquals(
          0, learned.weights(Optional.empty())[0] - learned.weights(Optional.empty())[1], .2);
    }
  }

  @Test
  void whatIsReadBackIsWhatWasFitted() {
    var method = LearnedVote.METHOD;
    for (TopicWeights fitted :
        List.of(fit(recorded(true, "law", "maths")), fit(recorded(true, "")))) {
      TopicWeights again = method.read(method.parameters(fitted));
      for (Optional<float[]> query : List.of(Optional.of(EAST), Optional.<float[]>empty())) {
        assertArrayEquals(fitted.weights(query), again.weights(query), 0);
      }
    }
    assertEquals(LearnedVoteFit.Settings.DEFAULTS, method.defaults());
    assertEquals(Set.of(Evidence.Kind.QUERY), method.evidence());
  }

  @Test
  void dataThatTellNobodyApartAreRefused() {
    var alike =
        new RecordedAnswers(
            MEMBERS,
            List.of(
                new Row(0, "", Map.of(), QUERY, said(null, "A", "A", "A"), new float[] {1, 1, 1})));
    var e = assertThrows(IllegalArgumentException.class, () -> fit(alike));
    assertTrue(e.getMessage().contains("Of 1 questions none"), e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> new TopicWeights(MEMBERS, Matrix.row(1, 2), new double[0], NO_TOPICS));
  }
}
