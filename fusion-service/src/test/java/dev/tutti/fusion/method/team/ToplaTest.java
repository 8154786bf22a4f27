package dev.tutti.fusion.method.team;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.Weighing;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ToplaTest extends FusionContract {

  private static final Query QUERY = new Query("Which one?");
  private static final List<String> MEMBERS = List.of("a", "b", "c", "d", "e");

  @Override
  protected Selector selector() {
    return new Topla(
        Topla.Settings.DEFAULTS,
        new TeamWeights(
            VoteWeights.of(
                IntStream.range(0, 8).mapToObj(i -> "m" + i).toList(),
                new double[] {1, 1, 1, 1, 1, 1, 1, 1},
                new TreeMap<>()),
            Optional.empty()),
        0);
  }

  private static Row row(String... said) {
    var answers = new ArrayList<Answer>();
    var scores = new float[said.length];
    for (int m = 0; m < said.length; m++) {
      answers.add(new Answer(MEMBERS.get(m), 1, said[m]));
      scores[m] = said[m].equals("A") ? 1 : 0;
    }
    return new Row(0, "", Map.of(), QUERY, new Candidates(answers), scores);
  }

  /** Three err alone and are right together; two of the five are clones that err most. */
  private static RecordedAnswers recorded() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 20; i++) {
      rows.add(row("B", "A", "A", "C", "C"));
      rows.add(row("A", "B", "A", "C", "C"));
      rows.add(row("A", "A", "B", "C", "C"));
      rows.add(row("A", "A", "A", "A", "A"));
    }
    return new RecordedAnswers(MEMBERS, rows);
  }

  private static TeamWeights fit(RecordedAnswers data, double diversity) {
    return Topla.METHOD.fit(
        data,
        new ToplaFit.Settings(AnswerForm.CHOICE, .5, diversity, 0, 0),
        new SplittableRandom(1));
  }

  @Test
  void theTeamThatErrsAloneVotes() {
    TeamWeights learned = fit(recorded(), .5);
    assertArrayEquals(new double[] {1, 1, 1, 0, 0}, learned.team().weights(""));
    var vote = new Topla(new Topla.Settings("ours", AnswerForm.CHOICE), learned, 3);
    var row = row("B", "A", "A", "C", "C");
    assertEquals(1, vote.weigh(QUERY, row.candidates()).chosen().orElseThrow());
    assertEquals(Optional.of(new Fitted("ours", 3, MEMBERS)), vote.fitted());
    assertTrue(vote.isSettled(row("A", "A").candidates(), List.of()));
  }

  /** Two that never fail together are enough where accuracy does not count. */
  @Test
  void diversityAloneTakesTwo() {
    assertArrayEquals(new double[] {1, 1, 0, 0, 0}, fit(recorded(), 1).team().weights(""));
  }

  @Test
  void questionsThatNotAllWereAskedTeachNothing() {
    var data =
        new RecordedAnswers(
            MEMBERS,
            List.of(
                new Row(
                    0,
                    "",
                    Map.of(),
                    QUERY,
                    new Candidates(List.of(new Answer("a", 1, "A"))),
                    new float[] {1})));
    var e = assertThrows(IllegalArgumentException.class, () -> fit(data, .5));
    assertTrue(e.getMessage().contains("asked of all 5 members"), e.getMessage());
  }

  /** The first is right where the other four agree against him. */
  @Test
  void theNetworkLearnsWhomToBelieve() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 150; i++) {
      rows.add(i % 3 == 0 ? row("A", "A", "A", "A", "A") : row("A", "B", "B", "B", "C"));
    }
    var method = Topla.METHOD;
    var settings = new ToplaFit.Settings(AnswerForm.CHOICE, .5, 0, 0, 60);
    var data = new RecordedAnswers(MEMBERS, rows);
    var everybody =
        new TeamWeights(
            VoteWeights.of(MEMBERS, new double[] {1, 1, 1, 1, 1}, new TreeMap<>()),
            Optional.of(
                ToplaFit.network(
                    data, settings, new double[] {1, 1, 1, 1, 1}, new SplittableRandom(2))));
    TeamWeights again = method.read(method.parameters(everybody));
    var vote = new Topla(new Topla.Settings("", AnswerForm.CHOICE), again, 0);
    Candidates said = row("A", "B", "B", "B", "C").candidates();
    Weighing weighing = vote.weigh(QUERY, said);
    assertEquals(0, weighing.chosen().orElseThrow());
    assertTrue(weighing.weights().getFirst() > .5, weighing.weights().toString());
    assertEquals(
        weighing.weights(),
        new Topla(new Topla.Settings("", AnswerForm.CHOICE), everybody, 0)
            .weigh(QUERY, said)
            .weights());
    assertFalse(vote.isSettled(row("A", "A").candidates(), List.of(1.0)));
    Weighing mute = vote.weigh(QUERY, row("?", "?").candidates());
    assertEquals(0, mute.chosen().orElseThrow());
  }

  @Test
  void answersStandByTheirSupport() {
    Candidates said =
        new Candidates(
            List.of(
                new Answer("a", 0, 1, "B", Optional.empty(), "a"),
                new Answer("a", 1, 1, "C", Optional.empty(), "a"),
                new Answer("b", 1, "C"),
                new Answer("x", 1, "D"),
                new Answer("c", 1, "D")));
    List<Optional<String>> answers =
        List.of("B", "C", "C", "D", "D").stream().map(Optional::of).toList();
    Slots slots = Slots.of(said, answers, List.of("a", "b", "c"), new double[] {1, 1, 0}, 2);
    assertEquals(List.of("C", "B"), slots.answers());
    assertArrayEquals(new float[] {.5f, .5f, 1, 0, 0, 0}, slots.given());
  }

  @Test
  void whatIsReadBackIsWhatWasFitted() {
    var method = Topla.METHOD;
    TeamWeights fitted = fit(recorded(), .5);
    TeamWeights again = method.read(method.parameters(fitted));
    assertArrayEquals(fitted.team().weights(""), again.team().weights(""), 0);
    assertTrue(again.network().isEmpty());
    assertEquals(2, method.members().least());
    assertEquals(ToplaFit.Settings.DEFAULTS, method.defaults());
  }
}
