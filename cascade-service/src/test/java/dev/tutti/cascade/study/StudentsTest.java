package dev.tutti.cascade.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.method.student.Example;
import dev.tutti.cascade.method.student.NeuralCache;
import dev.tutti.cascade.method.student.NeuralCache.Advice;
import dev.tutti.cascade.method.student.NeuralCache.Kind;
import dev.tutti.cascade.method.student.NeuralCache.Settings;
import dev.tutti.cascade.method.student.Observation;
import dev.tutti.cascade.method.student.Strategy;
import dev.tutti.cascade.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StudentsTest {

  @RegisterExtension
  static final TestDatabase POSTGRES =
      new TestDatabase("cascade.observation, cascade.observation_list");

  private static final Settings SETTINGS =
      new Settings(Strategy.COMMITTEE, Kind.NEIGHBOURS, .5, 4, 5, 20);
  private static final Desk DESK = new Desk("blue", "tutor", "basis");

  /** One that has just started, and folds at once. */
  private static Students replica() {
    return new Students(POSTGRES.database(), () -> true, Runnable::run);
  }

  private static List<Observation> drawn(int count, long seed) {
    var random = new Random(seed);
    var all = new ArrayList<Observation>();
    for (int i = 0; i < count; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      float[] vector = {(float) Math.cos(angle), (float) Math.sin(angle)};
      boolean asked = i < 4 || random.nextBoolean();
      all.add(
          Observation.of(
              i < 4 ? Double.NaN : random.nextDouble(),
              asked || i % 5 == 0,
              i % 2 == 0 ? .5 : .3,
              asked
                  ? Optional.of(new Example(vector, angle < Math.PI ? "up" : "down"))
                  : Optional.empty()));
    }
    return all;
  }

  private static int forget(String team) throws SQLException {
    return POSTGRES
        .database()
        .within(connection -> new ObservationTable().forget(connection, team, "tutor"));
  }

  private static void observe(Students students, List<Observation> all) {
    all.forEach(its -> assertTrue(students.observe(DESK, SETTINGS, its)));
  }

  /** The same to the last bit. */
  private static void assertSame(NeuralCache expected, NeuralCache its) {
    assertEquals(expected.totals(), its.totals());
    for (int i = 0; i < 40; i++) {
      float[] query = {(float) Math.cos(i), (float) Math.sin(i)};
      Advice advice = expected.advise(query, .3, .5);
      assertEquals(advice, its.advise(query, .3, .5));
      assertEquals(advice.need(), its.advise(query, .3, .5).need());
    }
  }

  @Test
  void whatIsObservedIsLearnedInItsOrderByEveryReplica() {
    List<Observation> all = drawn(37, 1);
    Students first = replica();
    observe(first, all);
    NeuralCache byHand = NeuralCache.of(SETTINGS).fold(all);
    assertSame(byHand, first.student(DESK, SETTINGS));
    assertSame(byHand, replica().student(DESK, SETTINGS));
  }

  @Test
  void replicasThatObserveTogetherAgree() throws Exception {
    List<Students> replicas = List.of(replica(), replica(), replica());
    var work = new ArrayList<Callable<Void>>();
    for (int r = 0; r < replicas.size(); r++) {
      Students its = replicas.get(r);
      List<Observation> own = drawn(15, r);
      work.add(
          () -> {
            observe(its, own);
            return null;
          });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var done : threads.invokeAll(work)) {
        done.get();
      }
    }
    observe(replicas.getFirst(), drawn(1, 9));
    NeuralCache fresh = replica().student(DESK, SETTINGS);
    assertEquals(46, fresh.totals().steps());
    assertSame(fresh, replicas.getFirst().student(DESK, SETTINGS));
  }

  @Test
  void anotherTeamAnotherEnsembleAndAnotherBasisKnowNothing() throws SQLException {
    Students students = replica();
    observe(students, drawn(10, 1));
    for (Desk other :
        List.of(
            new Desk("red", "tutor", "basis"),
            new Desk("blue", "other", "basis"),
            new Desk("blue", "tutor", "other"))) {
      assertEquals(0, students.student(other, SETTINGS).totals().steps());
      assertEquals(0, replica().student(other, SETTINGS).totals().steps());
    }
    assertEquals(0, forget("red"));
    assertEquals(10, replica().student(DESK, SETTINGS).totals().steps());
  }

  @Test
  void whatIsForgottenIsBegunAnew() throws SQLException {
    Students students = replica();
    observe(students, drawn(10, 1));
    assertEquals(10, forget("blue"));
    List<Observation> later = drawn(6, 2);
    observe(students, later);
    NeuralCache byHand = NeuralCache.of(SETTINGS).fold(later);
    assertSame(byHand, students.student(DESK, SETTINGS));
    assertSame(byHand, replica().student(DESK, SETTINGS));
  }

  /** Of what is old only its number stays, and the same follows from the rest, bit for bit. */
  @Test
  void fromWhatIsKeptTheSameFollowsAsFromAll() throws SQLException {
    List<Observation> all = drawn(1_200, 3);
    NeuralCache whole = NeuralCache.of(SETTINGS).fold(all);
    POSTGRES.within(
        connection -> {
          var table = new ObservationTable();
          for (Observation each : all) {
            table.append(connection, DESK, each);
          }
          table.trim(connection, DESK, Students.kept(SETTINGS));
        });
    long left = POSTGRES.number("select count(*) from cascade.observation");
    assertTrue(left < 900, left + " are left");
    assertEquals(400, POSTGRES.number("select count(answer) from cascade.observation"));
    assertSame(whole, replica().student(DESK, SETTINGS));
  }

  @Test
  void withTheDatabaseAwayWhatIsKnownStays() {
    var there = new boolean[] {true};
    var students = new Students(POSTGRES.database(), () -> there[0], Runnable::run);
    List<Observation> all = drawn(12, 1);
    observe(students, all);
    there[0] = false;
    assertFalse(students.observe(DESK, SETTINGS, all.getFirst()));
    assertSame(NeuralCache.of(SETTINGS).fold(all), students.student(DESK, SETTINGS));
  }

  /** One fold of all learns the last students alone, as many folds do. */
  @Test
  void manyFoldsComeToTheSameAsOne() {
    List<Observation> all = drawn(200, 5);
    NeuralCache many = NeuralCache.of(SETTINGS);
    for (Observation each : all) {
      many = many.fold(List.of(each));
    }
    assertSame(many, NeuralCache.of(SETTINGS).fold(all));
  }

  private static Desk desk(int number) {
    return new Desk("blue", "tutor", "basis " + number);
  }

  /** Those go at which nobody learned for longest; what a replica knew of them is forgotten. */
  @Test
  void noMoreDesksAreKeptThanMayBe() throws SQLException {
    Students students = replica();
    Observation one = drawn(1, 1).getFirst();
    Desk other = new Desk("blue", "other", "basis");
    assertTrue(students.observe(other, SETTINGS, one));
    for (int i = 0; i < ObservationTable.MOST_DESKS; i++) {
      assertTrue(students.observe(desk(i), SETTINGS, one));
    }
    assertTrue(students.observe(desk(0), SETTINGS, one));
    for (int i = 0; i < 3; i++) {
      assertTrue(students.observe(desk(100 + i), SETTINGS, one));
    }
    String ours = " where ensemble = 'tutor'";
    assertEquals(
        ObservationTable.MOST_DESKS,
        POSTGRES.number("select count(*) from cascade.observation_list" + ours));
    assertEquals(
        ObservationTable.MOST_DESKS + 1,
        POSTGRES.number("select count(*) from cascade.observation" + ours));
    assertEquals(2, replica().student(desk(0), SETTINGS).totals().steps());
    assertEquals(0, replica().student(desk(1), SETTINGS).totals().steps());
    assertEquals(0, replica().student(desk(3), SETTINGS).totals().steps());
    assertEquals(1, replica().student(desk(4), SETTINGS).totals().steps());
    assertEquals(1, replica().student(other, SETTINGS).totals().steps());
    // Begun anew it is another one, to a replica that knew it, too.
    assertTrue(students.observe(desk(1), SETTINGS, one));
    assertTrue(students.observe(desk(1), SETTINGS, one));
    assertEquals(2, students.student(desk(1), SETTINGS).totals().steps());
    POSTGRES.execute(
        "update cascade.observation_list set used_at = used_at - interval '91 days'" + ours);
    assertTrue(students.observe(new Desk("red", "third", "basis"), SETTINGS, one));
    assertEquals(2, POSTGRES.number("select count(*) from cascade.observation"));
  }

  /** Students that were not asked for longest leave memory, and are learned again. */
  @Test
  void memoryIsBoundedByEmbeddingsOverAllDesks() throws SQLException {
    var students = new Students(POSTGRES.database(), () -> true, Runnable::run, 100);
    List<Observation> all = drawn(30, 1);
    for (int i = 0; i < 5; i++) {
      for (Observation each : all) {
        assertTrue(students.observe(desk(i), SETTINGS, each));
      }
      // A student that has learned may exceed it by itself until another is asked for.
      students.student(new Desk("blue", "empty", "basis"), SETTINGS);
      assertTrue(students.rows() <= 100, students.rows() + " are in memory");
    }
    assertSame(NeuralCache.of(SETTINGS).fold(all), students.student(desk(0), SETTINGS));
  }

  /** A database that hangs is waited for a second, by nobody longer. */
  @Test
  void whoWaitsForALockGoesOnWithout() throws SQLException {
    Students students = replica();
    Observation one = drawn(1, 1).getFirst();
    assertTrue(students.observe(DESK, SETTINGS, one));
    POSTGRES.within(
        connection -> {
          try (var statement = connection.createStatement()) {
            statement.execute("lock cascade.observation_list in access exclusive mode");
          }
          assertFalse(students.observe(DESK, SETTINGS, one));
        });
    assertTrue(students.observe(DESK, SETTINGS, one));
    assertEquals(2, replica().student(DESK, SETTINGS).totals().steps(), "it was given up");
  }
}
