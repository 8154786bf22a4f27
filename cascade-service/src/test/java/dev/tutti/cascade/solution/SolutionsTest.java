package dev.tutti.cascade.solution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.Recalled;
import dev.tutti.cascade.Recalled.Example;
import dev.tutti.cascade.feedback.Said;
import dev.tutti.cascade.solution.Solution.Fresh;
import dev.tutti.cascade.solution.Solution.State;
import dev.tutti.cascade.testing.TestDatabase;
import dev.tutti.kit.grpc.FailureException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SolutionsTest {

  @RegisterExtension
  static final TestDatabase POSTGRES =
      new TestDatabase("cascade.solution, cascade.solution_list, cascade.feedback_place");

  private static final Shelf SHELF = new Shelf("blue", "tutor");
  private static final float[] EAST = {1, 0};
  private static final int MOST = 5;

  private final Solutions solutions = replica();
  private final SolutionFeedback feedback = new SolutionFeedback(MOST);

  /** One that has just started. */
  private static Solutions replica() {
    return new Solutions(POSTGRES.database(), () -> true, MOST);
  }

  /** At this angle from east, degrees. */
  private static float[] at(double degrees) {
    double radians = Math.toRadians(degrees);
    return new float[] {(float) Math.cos(radians), (float) Math.sin(radians)};
  }

  private static Fresh fresh(String question, String answer, float[] embedding) {
    return new Fresh(question, answer, "strong", "d-" + question + answer, embedding, "mini", "");
  }

  private void keep(String question, float[] embedding) {
    assertTrue(solutions.keep(SHELF, fresh(question, "a" + question, embedding), true));
  }

  private static Optional<String> recalled(Solutions replica, Shelf shelf, double above) {
    return replica.recall(shelf, "", "?", EAST, "mini", above).example().map(Example::question);
  }

  private Optional<String> recalled(double above) {
    return recalled(solutions, SHELF, above);
  }

  private void said(String question, String answer, double score, long second) throws SQLException {
    var said =
        new Said(
            "k" + second,
            "d-" + question + answer,
            "tutor",
            "strong",
            score,
            Instant.ofEpochSecond(second));
    POSTGRES.within(connection -> feedback.heard(connection, List.of(said)));
  }

  private List<State> states() {
    return solutions.list(SHELF, Long.MAX_VALUE, 100).stream().map(Solution::state).toList();
  }

  /** cos 60 is .5: 59 degrees are near enough, 61 are not, and exactly as much is not more. */
  @Test
  void theNearestAcceptedQuestionIsRecalledIfItIsNearEnough() {
    keep("far", at(61));
    assertEquals(Optional.empty(), recalled(0.5));
    keep("near", at(59));
    assertEquals(Optional.of("near"), recalled(0.5));
    keep("nearer", at(-30));
    Example example = solutions.recall(SHELF, "", "?", EAST, "mini", 0.5).example().orElseThrow();
    assertEquals("nearer", example.question());
    assertEquals("anearer", example.answer());
    assertEquals("strong", example.member());
    assertEquals(Math.cos(Math.PI / 6), example.similarity(), 1e-6);
    keep("same", EAST);
    assertEquals(Optional.of("same"), recalled(0.999));
    assertEquals(Optional.empty(), recalled(1), "nothing is above 1");
    assertEquals(Optional.empty(), recalled(Double.POSITIVE_INFINITY));
  }

  @Test
  void anotherTeamAndAnotherEnsembleSeeNothing() {
    keep("q", EAST);
    for (Shelf other : List.of(new Shelf("red", "tutor"), new Shelf("blue", "other"))) {
      assertEquals(Optional.empty(), recalled(solutions, other, -1));
      assertEquals(List.of(), solutions.list(other, Long.MAX_VALUE, 9));
      long id = solutions.list(SHELF, Long.MAX_VALUE, 9).getFirst().id();
      assertEquals(0, solutions.delete(other, Optional.of(id)));
      assertEquals(0, solutions.delete(other, Optional.empty()));
    }
    solutions.keep(new Shelf("red", "tutor"), fresh("theirs", "a", EAST), true);
    assertEquals(Optional.of("q"), recalled(-1));
    assertEquals(Optional.of("theirs"), recalled(solutions, new Shelf("red", "tutor"), -1));
  }

  /** Whoever is killed has committed it: a replica that starts reads it. */
  @Test
  void whatIsKeptIsThereForEveryReplicaAndForThoseThatStartLater() {
    Solutions other = replica();
    assertEquals(Optional.empty(), recalled(other, SHELF, -1));
    keep("q", at(10));
    assertEquals(Optional.of("q"), recalled(other, SHELF, -1));
    assertEquals(Optional.of("q"), recalled(replica(), SHELF, -1));
    other.keep(SHELF, fresh("nearer", "a", at(5)), true);
    assertEquals(Optional.of("nearer"), recalled(-1));
    assertEquals(2, other.delete(SHELF, Optional.empty()));
    assertEquals(Optional.empty(), recalled(-1));
    assertEquals(List.of(), states());
  }

  @Test
  void theSameQuestionIsThereOnceWithItsLatestAnswer() {
    solutions.keep(SHELF, fresh("q", "old", EAST), true);
    assertEquals(Optional.of("q"), recalled(-1));
    solutions.keep(SHELF, fresh("q", "new", EAST), true);
    Example example = solutions.recall(SHELF, "", "?", EAST, "mini", -1).example().orElseThrow();
    assertEquals("new", example.answer());
    assertEquals(List.of(State.ACCEPTED), states());
  }

  /** Of those that are too many, those go that were not shown for longest. */
  @Test
  void noMoreAreKeptThanMayBe() throws SQLException {
    for (int i = 0; i < MOST; i++) {
      keep("q" + i, at(10 * i));
    }
    POSTGRES.execute("update cascade.solution set used_at = used_at - interval '1 hour'");
    assertEquals(Optional.of("q0"), recalled(-1));
    keep("new", at(90));
    assertEquals(
        List.of("new", "q4", "q3", "q2", "q0"),
        solutions.list(SHELF, Long.MAX_VALUE, 9).stream().map(Solution::question).toList());
    assertEquals(Optional.of("q0"), recalled(-1));
    assertEquals(Optional.of("q0"), recalled(replica(), SHELF, -1));
  }

  @Test
  void noMoreWaitThanMay() throws SQLException {
    POSTGRES.execute(
        "insert into cascade.solution (team, ensemble, digest, question, answer, member, decision,"
            + " embedding, embedder, state) select 'blue', 'tutor', '', 'q' || i, 'a', 'm', 'd' || i,"
            + " '', 'mini', 'pending' from generate_series(1, %d) as i"
                .formatted(SolutionTable.MOST_UNDECIDED));
    solutions.keep(SHELF, fresh("late", "a", EAST), false);
    assertEquals(
        SolutionTable.MOST_UNDECIDED, POSTGRES.number("select count(*) from cascade.solution"));
    assertEquals("late", solutions.list(SHELF, Long.MAX_VALUE, 1).getFirst().question());
  }

  @Test
  void anotherEmbeddersQuestionsAreNotCompared() {
    keep("q", EAST);
    float[] longer = {1, 0, 0};
    assertEquals(Recalled.NOTHING, solutions.recall(SHELF, "", "?", longer, "maxi", -1));
    solutions.keep(SHELF, new Fresh("r", "a", "strong", "d", longer, "maxi", ""), true);
    assertEquals(
        Optional.of("r"),
        solutions.recall(SHELF, "", "?", longer, "maxi", -1).example().map(Example::question));
    assertEquals(Optional.of("q"), recalled(-1));
  }

  /** An answer that waits is shown to nobody; one that its user rejects is remembered as that. */
  @Test
  void whatWaitsIsShownOnceItsUserAcceptsIt() throws SQLException {
    solutions.keep(SHELF, fresh("q", "a", EAST), false);
    assertEquals(Recalled.NOTHING, solutions.recall(SHELF, "", "q", EAST, "mini", -1));
    said("q", "other", 1, 10);
    assertEquals(List.of(State.PENDING), states(), "of another decision");
    said("q", "a", 0.5, 10);
    assertEquals(List.of(State.PENDING), states(), "neither the one nor the other");
    said("q", "a", 0.75, 11);
    assertEquals(Optional.of("q"), recalled(-1));
    assertEquals(Optional.of("q"), recalled(replica(), SHELF, -1));
    said("q", "a", 0.25, 12);
    assertEquals(List.of(State.REJECTED), states());
    assertEquals(
        new Recalled(Optional.empty(), Set.of("strong")),
        solutions.recall(SHELF, "", "q", EAST, "mini", -1));
    assertEquals(
        Recalled.NOTHING, solutions.recall(SHELF, "", "q ", EAST, "mini", -1), "very same");
  }

  /** Feedback comes again, and old feedback late. */
  @Test
  void theLatestVerdictCountsHoweverOftenTheyAreHeard() throws SQLException {
    keep("q", EAST);
    said("q", "aq", 0, 20);
    said("q", "aq", 1, 30);
    assertEquals(Optional.of("q"), recalled(-1));
    long change = POSTGRES.number("select change from cascade.solution_list");
    said("q", "aq", 0, 20);
    said("q", "aq", 1, 30);
    assertEquals(change, POSTGRES.number("select change from cascade.solution_list"));
    assertEquals(Optional.of("q"), recalled(-1));
  }

  @Test
  void ofTwoAcceptedAnswersToAQuestionTheLaterVerdictsStays() throws SQLException {
    solutions.keep(SHELF, fresh("q", "one", EAST), false);
    solutions.keep(SHELF, fresh("q", "two", EAST), false);
    said("q", "two", 1, 10);
    said("q", "one", 1, 11);
    assertEquals(
        "one", solutions.recall(SHELF, "", "?", EAST, "mini", -1).example().orElseThrow().answer());
    assertEquals(List.of(State.ACCEPTED), states());
  }

  @Test
  void feedbackIsWantedOfThoseThatMayStillBeJudged() throws SQLException {
    POSTGRES.within(c -> assertEquals(Set.of(), feedback.ensembles(c)));
    keep("q", EAST);
    POSTGRES.within(c -> assertEquals(Set.of("tutor"), feedback.ensembles(c)));
    POSTGRES.execute("update cascade.solution set created_at = created_at - interval '8 days'");
    POSTGRES.within(c -> assertEquals(Set.of(), feedback.ensembles(c)));
  }

  @Test
  void withTheDatabaseAwayNothingIsRecalledAndNothingKept() {
    keep("q", EAST);
    var away = new Solutions(POSTGRES.database(), () -> false, MOST);
    assertEquals(Recalled.NOTHING, away.recall(SHELF, "", "q", EAST, "mini", -1));
    assertFalse(away.keep(SHELF, fresh("r", "a", EAST), true));
    assertThrows(
        IllegalArgumentException.class, () -> new Solutions(POSTGRES.database(), () -> true, 0));
  }

  @Test
  void textsThatCannotBeKeptAreNot() {
    assertTrue(Fresh.isKept("q".repeat(4_096), "a".repeat(16_384)));
    assertFalse(Fresh.isKept("q".repeat(4_097), "a"));
    assertFalse(Fresh.isKept("q", "a".repeat(16_385)));
    assertFalse(Fresh.isKept(" ", "a"));
    assertFalse(Fresh.isKept("q", "\n"));
    assertFalse(Fresh.isKept("q\0", "a"));
    assertFalse(Fresh.isKept("q", "\0a"));
  }

  /** Three replicas write, delete and look at once; in the end all see what is there. */
  @Test
  void replicasAgreeInTheEnd() throws Exception {
    List<Solutions> replicas = List.of(replica(), replica(), replica());
    var work = new ArrayList<Callable<Void>>();
    for (int r = 0; r < replicas.size(); r++) {
      Solutions its = replicas.get(r);
      var random = new Random(r);
      work.add(
          () -> {
            for (int i = 0; i < 12; i++) {
              float[] vector = at(360 * random.nextDouble());
              if (random.nextInt(8) == 0) {
                its.list(SHELF, Long.MAX_VALUE, 1)
                    .forEach(one -> its.delete(SHELF, Optional.of(one.id())));
              } else {
                its.keep(SHELF, fresh("q" + random.nextInt(9), "a" + i, vector), true);
              }
              its.recall(SHELF, "", "?", vector, "mini", -1);
            }
            return null;
          });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var done : threads.invokeAll(work)) {
        done.get();
      }
    }
    Solutions fresh = replica();
    assertTrue(fresh.list(SHELF, Long.MAX_VALUE, 100).size() <= MOST);
    for (int degrees = 0; degrees < 360; degrees += 5) {
      float[] query = at(degrees);
      Optional<Example> expected = fresh.recall(SHELF, "", "?", query, "mini", -1).example();
      for (Solutions its : replicas) {
        assertEquals(expected, its.recall(SHELF, "", "?", query, "mini", -1).example());
      }
    }
  }

  /** What is asked under other instructions is another question: no example, and nobody's fault. */
  @Test
  void underOtherInstructionsNothingIsRecalled() throws SQLException {
    var inFrench = new Fresh("q", "oui", "strong", "d-qoui", EAST, "mini", "french");
    assertTrue(solutions.keep(SHELF, inFrench, true));
    assertEquals(Recalled.NOTHING, solutions.recall(SHELF, "", "q", EAST, "mini", -1));
    assertEquals(Recalled.NOTHING, solutions.recall(SHELF, "json", "q", EAST, "mini", -1));
    assertEquals(
        "oui",
        solutions.recall(SHELF, "french", "q", EAST, "mini", -1).example().orElseThrow().answer());
    keep("q", EAST);
    assertEquals(2, states().size(), "neither takes the other's place");
    said("q", "oui", 0, 10);
    assertEquals(Set.of(), solutions.recall(SHELF, "", "q", EAST, "mini", -1).rejected());
    assertEquals(
        new Recalled(Optional.empty(), Set.of("strong")),
        solutions.recall(SHELF, "french", "q", EAST, "mini", -1));
  }

  /**
   * Of two verdicts in one millisecond the later one counts, and a page that comes again is none.
   */
  @Test
  void ofVerdictsAtTheSameTimeTheLaterOneCounts() throws SQLException {
    keep("q", EAST);
    said("q", "aq", 1, 20);
    said("q", "aq", 0, 20);
    assertEquals(List.of(State.REJECTED), states());
    var time = Instant.ofEpochSecond(30);
    List<Said> page =
        List.of(
            new Said("1", "d-qaq", "tutor", "strong", 0, time),
            new Said("2", "d-qaq", "tutor", "strong", 1, time));
    POSTGRES.within(connection -> feedback.heard(connection, page));
    assertEquals(List.of(State.ACCEPTED), states());
    long change = POSTGRES.number("select change from cascade.solution_list");
    POSTGRES.within(connection -> feedback.heard(connection, page));
    assertEquals(change, POSTGRES.number("select change from cascade.solution_list"));
  }

  /** Both or neither. */
  @Test
  void whatCannotBeForgottenWithThemLeavesThemThere() throws SQLException {
    keep("q", EAST);
    assertThrows(
        FailureException.class,
        () ->
            solutions.delete(
                SHELF,
                Optional.empty(),
                connection -> {
                  throw new SQLException("Lost.");
                }));
    assertEquals(List.of(State.ACCEPTED), states());
    assertEquals(
        new Solutions.Deleted(1, 7), solutions.delete(SHELF, Optional.empty(), connection -> 7));
  }

  /** Whoever holds a list's row is waited for a second; the request goes on without. */
  @Test
  void whoWaitsForALockGoesOnWithout() throws SQLException {
    keep("q", EAST);
    POSTGRES.within(
        connection -> {
          try (var statement = connection.createStatement()) {
            statement.execute("update cascade.solution_list set change = change");
            statement.execute("update cascade.solution set used_at = used_at");
          }
          assertFalse(solutions.keep(SHELF, fresh("r", "a", EAST), true));
          assertEquals(Recalled.NOTHING, solutions.recall(SHELF, "", "?", EAST, "mini", -1));
        });
    assertEquals(Optional.of("q"), recalled(-1));
    assertEquals(1, states().size(), "it was given up");
  }
}
