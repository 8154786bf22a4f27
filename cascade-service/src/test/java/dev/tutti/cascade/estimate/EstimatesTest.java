package dev.tutti.cascade.estimate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EstimatesTest {

  private static Estimates.Wanted plan(boolean embedding, double ridge, boolean silent) {
    return new Estimates.Wanted(
        embedding, ridge, 1, AnswerForm.AUTO, List.of(0, 0b01, 0b10, 0b11), silent);
  }

  private static Optional<Recorded> said(String text, double score) {
    return Optional.of(new Recorded(text, AnswerSignals.NONE, score, 1, List.of()));
  }

  private static Row row(int number, float[] embedding, List<Optional<Recorded>> outcomes) {
    return new Row(number, "", new Query("q" + number), Optional.of(embedding), outcomes);
  }

  /** Of questions of the one kind the first is right, of the other the second. */
  private static RecordedOutcomes kinds(int questions) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < questions; i++) {
      boolean one = i % 2 == 0;
      rows.add(
          row(
              i,
              one ? new float[] {1, 0} : new float[] {0, 1},
              List.of(said("A", one ? 1 : 0), said("B", one ? 0 : 1))));
    }
    return new RecordedOutcomes(List.of("a", "b"), rows);
  }

  @Test
  void withoutEmbeddingsMembersAreWorthTheirMeans() {
    var rows = new ArrayList<Row>(kinds(4).rows());
    rows.add(row(4, new float[] {1, 0}, List.of(said("A", 1), Optional.empty())));
    var data = new RecordedOutcomes(List.of("a", "b"), rows);
    Estimates.Fitted fitted = Estimates.fit(data, plan(false, 1, true));
    assertArrayEquals(
        new double[] {.6, .5}, fitted.estimates().exAnte(fitted.evidence().getFirst()), 1e-6);
    assertEquals(0b01, fitted.evidence().get(4).answered());
  }

  @Test
  void theQuestionTellsWhoWillBeRight() {
    RecordedOutcomes data = kinds(40);
    Estimates estimates = Estimates.fit(data, plan(true, .1, true)).estimates();
    double[] first = estimates.exAnte(estimates.evidence(data.rows().get(0)));
    double[] second = estimates.exAnte(estimates.evidence(data.rows().get(1)));
    assertTrue(first[0] > .9 && first[1] < .1);
    assertTrue(second[0] < .1 && second[1] > .9);
    // And so do the answers: of two that disagree the first is right where the question says so.
    double[] both = estimates.of(estimates.evidence(data.rows().get(0)), 0b11);
    assertTrue(both[0] > .8 && both[1] < .2);
  }

  @Test
  void anotherModelsEmbeddingTellsNothing() {
    Estimates estimates = Estimates.fit(kinds(40), plan(true, .1, true)).estimates();
    for (float[] other :
        List.of(new float[] {1}, new float[] {1, 0, 1}, new float[] {1, 0, 1, 0})) {
      Row its = row(0, other, List.of(said("A", 1), said("B", 0)));
      assertArrayEquals(new double[] {.5, .5}, estimates.exAnte(estimates.evidence(its)), 1e-6);
    }
  }

  /** What is told of a question that is learned from does not know its score. */
  @Test
  void noQuestionTellsOfItself() {
    RecordedOutcomes data = kinds(10);
    var turned = new ArrayList<Row>(data.rows());
    turned.set(0, row(0, new float[] {1, 0}, List.of(said("A", 0), said("B", 1))));
    double[] told = Estimates.fit(data, plan(true, 1, false)).evidence().getFirst().exAnte();
    double[] toldThen =
        Estimates.fit(new RecordedOutcomes(data.members(), turned), plan(true, 1, false))
            .evidence()
            .getFirst()
            .exAnte();
    assertArrayEquals(told, toldThen);
    assertTrue(told[0] > told[1], "by the others of its kind");
  }

  @Test
  void whatWasNotLearnedIsNotTold() {
    RecordedOutcomes data = kinds(10);
    Estimates.Fitted fitted = Estimates.fit(data, plan(false, 1, false));
    Evidence evidence = fitted.evidence().getFirst();
    assertTrue(Double.isNaN(fitted.estimates().of(evidence, 0b01)[1]), "the silent one");
    assertTrue(Double.isNaN(fitted.estimates().of(evidence, 0b100)[0]), "a set that was not");
    assertEquals(
        .5,
        Estimates.fit(data, plan(false, 1, true)).estimates().of(evidence, 0b01)[1],
        .02,
        "nothing tells of it");
  }

  @Test
  void whatIsReadBackTellsTheSame() {
    RecordedOutcomes data = DrawnChoices.drawn(50, 7, .5, .8);
    Estimates estimates = Estimates.fit(data, plan(true, 1, true)).estimates();
    Estimates read = Estimates.of(estimates.with(Parameters.of(data.members())));
    for (Row row : data.rows()) {
      for (int set = 0; set < 4; set++) {
        assertArrayEquals(
            estimates.of(estimates.evidence(row), set), read.of(read.evidence(row), set));
      }
    }
  }
}
