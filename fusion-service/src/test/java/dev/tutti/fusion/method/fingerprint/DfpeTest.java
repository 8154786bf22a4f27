package dev.tutti.fusion.method.fingerprint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.Fitted;
import dev.tutti.fusion.FusionContract;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.fusion.Selector;
import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.kit.calls.Query;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DfpeTest extends FusionContract {

  private static final Query QUERY = new Query("Which one?");
  private static final List<String> MEMBERS = List.of("a", "b", "c");

  @Override
  protected Selector selector() {
    return new Dfpe(
        Dfpe.Settings.DEFAULTS,
        new SubjectWeights(
            VoteWeights.of(
                IntStream.range(0, 8).mapToObj(i -> "m" + i).toList(),
                new double[] {1, 1, 1, 1, 1, 1, 1, 1},
                new TreeMap<>()),
            new TreeMap<>()),
        0);
  }

  private static DfpeFit.Settings settings(double distance, double quantile, double sharpness) {
    return new DfpeFit.Settings(AnswerForm.CHOICE, "category", distance, quantile, sharpness);
  }

  private static Ballot ballot(int right, int... answers) {
    var scores = new float[answers.length];
    for (int m = 0; m < scores.length; m++) {
      scores[m] = answers[m] == right ? 1 : 0;
    }
    return new Ballot(0, "", "", answers, scores);
  }

  /**
   * The first two agree on 3 of 4, all others on none or one. Accuracies: 3/4, 1/2, 1/4, 0. The
   * first stays of its cluster.
   */
  private static final List<Ballot> FOUR =
      List.of(
          ballot(0, 0, 0, 1, 2),
          ballot(0, 0, 0, 1, 2),
          ballot(0, 0, 1, 2, 3),
          ballot(2, 0, 0, 2, 1));

  @Test
  void theBestOfEachClusterVotes() {
    double[] weights = DfpeFit.weights(FOUR, 4, settings(.5, 0, 2));
    double a = Math.exp(1.5);
    double c = Math.exp(.5);
    assertArrayEquals(
        new double[] {a / (a + c + 1), 0, c / (a + c + 1), 1 / (a + c + 1)}, weights, 1e-12);
  }

  @Test
  void alikeMeansAtMostTheDistance() {
    // 1 and 2 agree on 3 of 4: a distance of .25.
    double[] apart = DfpeFit.weights(FOUR, 4, settings(.24, 0, 0));
    assertArrayEquals(new double[] {.25, .25, .25, .25}, apart, 1e-12);
    double[] alike = DfpeFit.weights(FOUR, 4, settings(.25, 0, 0));
    assertArrayEquals(new double[] {1 / 3.0, 0, 1 / 3.0, 1 / 3.0}, alike, 1e-12);
  }

  @Test
  void whoIsBelowTheQuantileWeighsNothing() {
    // Of 0, .25 and .75 the middle one is .25, three quarters of the way .5.
    assertEquals(.25, DfpeFit.quantile(new double[] {0, .25, .75}, .5), 1e-12);
    assertEquals(.5, DfpeFit.quantile(new double[] {0, .25, .75}, .75), 1e-12);
    assertEquals(.75, DfpeFit.quantile(new double[] {0, .25, .75}, 1), 0);
    assertEquals(.3, DfpeFit.quantile(new double[] {.3}, .75), 0);
    assertArrayEquals(
        new double[] {1, 0, 0, 0}, DfpeFit.weights(FOUR, 4, settings(.5, .75, 1)), 1e-12);
    double[] half = DfpeFit.weights(FOUR, 4, settings(.5, .5, 0));
    assertArrayEquals(new double[] {.5, 0, .5, 0}, half, 1e-12);
  }

  private static Row row(String subject, float[] embedding, String... said) {
    var answers = new ArrayList<Answer>();
    var scores = new float[said.length];
    for (int m = 0; m < said.length; m++) {
      answers.add(new Answer(MEMBERS.get(m), 1, said[m]));
      scores[m] = said[m].equals("A") ? 1 : 0;
    }
    var evidence =
        new Evidence(Optional.ofNullable(embedding), List.of(), new LinkedHashMap<>(), List.of());
    return new Row(
        0, "", Map.of("category", subject), QUERY, new Candidates(answers, evidence), scores);
  }

  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};

  /** In law the first is right, in maths the second; the third says what nobody else says. */
  private static SubjectWeights fit() {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < 6; i++) {
      rows.add(row("law", EAST, "A", i == 0 ? "A" : "B", "C"));
      rows.add(row("maths", NORTH, i < 2 ? "A" : "B", "A", "C"));
    }
    return Dfpe.METHOD.fit(
        new RecordedAnswers(MEMBERS, rows), settings(.1, .75, 1), new SplittableRandom(1));
  }

  private static Weights chosen(String subject, float[] embedding) {
    var vote = new Dfpe(new Dfpe.Settings("ours", AnswerForm.CHOICE, subject), fit(), 2);
    return new Weights(vote, row("", embedding, "B", "C", "C"));
  }

  private record Weights(Dfpe vote, Row row) {
    int chosen() {
      return vote.weigh(QUERY, row.candidates()).chosen().orElseThrow();
    }
  }

  @Test
  void aSubjectIsNamedOrTheMostSimilar() {
    assertEquals(0, chosen("law", null).chosen());
    assertEquals(1, chosen("maths", EAST).chosen(), "what is named counts");
    assertEquals(0, chosen("", new float[] {.8f, .6f}).chosen());
    assertEquals(1, chosen("", new float[] {.6f, .8f}).chosen());
    // Over all questions the first is right 8 times of 12, the second 7.
    assertEquals(0, chosen("", null).chosen());
    assertEquals(0, chosen("poetry", NORTH).chosen());
  }

  @Test
  void theQuestionIsEmbeddedOnlyWhereNoSubjectIsNamed() {
    Dfpe named = chosen("law", null).vote();
    Dfpe open = chosen("", null).vote();
    assertEquals(Set.of(), named.evidence());
    assertEquals(Set.of(Evidence.Kind.QUERY), open.evidence());
    Candidates first = row("", null, "A").candidates();
    assertTrue(named.isSettled(row("", null, "A", "A").candidates(), List.of()));
    assertFalse(open.isSettled(first, List.of(1e-9)), "the subject is not known yet");
    assertFalse(named.isSettled(first, List.of(1.0, 1.0)));
    assertEquals(Optional.of(new Fitted("ours", 2, MEMBERS)), named.fitted());
  }

  @Test
  void whatIsReadBackIsWhatWasFitted() {
    var method = Dfpe.METHOD;
    SubjectWeights fitted = fit();
    SubjectWeights again = method.read(method.parameters(fitted));
    assertArrayEquals(fitted.votes().weights("law"), again.votes().weights("law"), 0);
    assertEquals(List.of("law", "maths"), again.votes().categories());
    assertArrayEquals(EAST, again.centres().get("law"), 1e-6f);
    assertEquals("law", again.nearest(EAST));
    assertEquals(Set.of(Evidence.Kind.QUERY), method.evidence());
    assertEquals(DfpeFit.Settings.DEFAULTS, method.defaults());
  }
}
