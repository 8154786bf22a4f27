package dev.tutti.router.feedback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Candidate;
import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import dev.tutti.router.activity.StandingTable;
import dev.tutti.router.method.bandit.PickLlmRouter;
import dev.tutti.router.method.elo.EagleRouter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Feedback goes in once, in one order, whoever folds it. */
class FoldingTest {

  private static final int PIECES = 4_000;

  @RegisterExtension static final TestDatabase POSTGRES = new TestDatabase();

  private final OrderedFeedback feedback = new OrderedFeedback();
  private final LearnerTable table = new LearnerTable();

  private Folder folder(Database database) {
    return new Folder(database, feedback, table, states(), new StandingTable());
  }

  private Following following() {
    return new Following(feedback, table, states());
  }

  /** Those of a replica that has just started. */
  private LearnedStates states() {
    return new LearnedStates(feedback, table);
  }

  @Test
  void twoReplicasFoldingConcurrentlyAgreeWithOne() throws Exception {
    var done = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var writers = new ArrayList<Callable<Void>>();
      for (int writer = 0; writer < 4; writer++) {
        long seed = writer;
        writers.add(
            () -> {
              write(Said.rows(PIECES / 4, seed), new Random(seed));
              return null;
            });
      }
      List<Callable<Integer>> replicas =
          Collections.nCopies(
              2,
              () -> {
                Folder folder = folder(POSTGRES.database());
                List<Learner> learners = Said.learners();
                int turns = 0;
                while (!done.get()) {
                  Folder.Folded folded = folder.fold(learners);
                  turns += folded.learned() > 0 ? 1 : 0;
                  Thread.sleep(1);
                }
                return turns;
              });
      var turns = replicas.stream().map(threads::submit).toList();
      for (var written : threads.invokeAll(writers)) {
        written.get();
      }
      done.set(true);
      for (var replica : turns) {
        assertTrue(replica.get() > 1, "a replica had no turn");
      }
    }
    folder(POSTGRES.database()).fold(Said.learners());
    assertFoldedOnce();
  }

  /** In transactions of any size, which end in any order. */
  private static void write(List<FeedbackRow> rows, Random random) throws Exception {
    int at = 0;
    while (at < rows.size()) {
      int end = Math.min(rows.size(), at + 1 + random.nextInt(20));
      try (Connection connection = POSTGRES.database().connect()) {
        connection.setAutoCommit(false);
        new FeedbackTable().insert(connection, rows.subList(at, end));
        Thread.sleep(random.nextInt(5));
        connection.commit();
      }
      at = end;
    }
  }

  @Test
  void aCrashBeforeOrAfterTheCommitLosesAndRepeatsNothing() throws Exception {
    var random = new Random(5);
    Iterator<TestDatabase.Commit> commits =
        random.ints(0, 3).mapToObj(i -> TestDatabase.Commit.values()[i]).limit(400).iterator();
    Folder crashing = folder(POSTGRES.failing(commits));
    Folder other = folder(POSTGRES.database());
    List<FeedbackRow> rows = Said.rows(2_000, 9);
    int crashes = 0;
    for (int at = 0; at < rows.size(); at += 20) {
      POSTGRES.keep(rows.subList(at, at + 20));
      try {
        (random.nextInt(4) == 0 ? other : crashing).fold(Said.learners());
      } catch (SQLException e) {
        crashes++;
      }
    }
    assertTrue(crashes > 20, crashes + " crashes");
    other.fold(Said.learners());
    assertFoldedOnce();
  }

  @Test
  void aReplicaWhoseHostIsGoneDoesNotKeepTheLock() throws SQLException {
    POSTGRES.keep(Said.rows(10, 2));
    var idle = new ArrayList<String>();
    Folder folder = folder(POSTGRES.noting("idle_in_transaction_session_timeout", idle));
    folder.fold(Said.learners());
    assertEquals("30s", idle.getLast());
    folder.rebuild(Said.learners().getFirst());
    assertEquals("30s", idle.getLast());
  }

  @Test
  void replicasServeWhatIsFolded() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    var early = following();
    List<Learner> served = Said.learners();
    List<FeedbackRow> rows = Said.rows(3_000, 3);
    for (int at = 0; at < rows.size(); at += 300) {
      POSTGRES.keep(rows.subList(at, at + 300));
      folder.fold(Said.learners());
      if (at % 600 == 0) {
        follow(early, served);
      }
    }
    follow(early, served);
    List<Learner> late = Said.learners();
    follow(following(), late);
    for (int i = 0; i < served.size(); i++) {
      Observing direct = direct(served.get(i).ensemble());
      for (Observing replica : List.of(served.get(i).observing(), late.get(i).observing())) {
        assertArrayEquals(direct.state().bytes(), replica.state().bytes());
        assertEquals(routes(direct), routes(replica), served.get(i).ensemble());
      }
    }
  }

  private static void follow(Following following, List<Learner> learners) throws SQLException {
    try (Connection connection = POSTGRES.database().connect()) {
      following.follow(connection, learners);
    }
  }

  private static List<Route> routes(Observing learner) {
    var random = new SplittableRandom(8);
    var pool = new Pool(Said.MEMBERS.stream().map(m -> new Pool.Member(m, 1)).toList());
    var routes = new ArrayList<Route>();
    for (int i = 0; i < 20; i++) {
      float[] embedding = new float[0];
      while (embedding.length == 0) {
        embedding = Said.row("", "eagle", random).embedding();
      }
      var query = new Query(List.of(new Query.Message(Query.Role.USER, "?")), embedding);
      routes.add(((Router) learner).route(query, pool, new SplittableRandom(i)));
    }
    return routes;
  }

  @Test
  void rebuildingGivesTheSameBits() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    List<FeedbackRow> rows = Said.rows(1_500, 4);
    for (int at = 0; at < rows.size(); at += 100) {
      POSTGRES.keep(rows.subList(at, at + 100));
      folder.fold(Said.learners());
    }
    for (Learner learner : Said.learners()) {
      assertTrue(folder(POSTGRES.database()).rebuild(learner), learner.ensemble());
      assertEquals(2, standing(learner.ensemble()).epoch());
    }
    assertFoldedOnce();
    // Somebody wrote to the table.
    execute("update router.elo_rating set rating = rating + 1e-9 where member = 'm1'");
    Learner eagle = Said.learners().getFirst();
    assertFalse(folder.rebuild(eagle));
    assertTrue(folder.rebuild(eagle));
    execute("update router.elo_rating set rating = rating + 1e-9 where member = 'm1'");
    assertFalse(folder.rebuild(eagle), "whoever folded last looks at the table too");
    assertFoldedOnce();
    assertEquals(0, folder.fold(Said.learners()).learned());
  }

  @Test
  void otherSettingsAreLearnedAnewUnlessTheyDoNotMatter() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    POSTGRES.keep(Said.rows(500, 6));
    folder.fold(Said.learners());
    long before = standing("eagle").observed();
    Learner explores =
        eagle(2, new EagleRouter.Settings(0.9, 5, 32, EagleRouter.LocalInit.FLAT, 0.5));
    assertEquals(0, folder.fold(List.of(explores)).learned());
    Learner slow = eagle(3, new EagleRouter.Settings(0.5, 20, 8, EagleRouter.LocalInit.GLOBAL, 0));
    assertEquals(before, folder.fold(List.of(slow)).learned());
    assertEquals(2, standing("eagle").epoch());
    assertArrayEquals(fold(slow.observing(), "eagle").bytes(), state("eagle", slow).bytes());
    // A replica that does not know of it yet changes nothing, until it does.
    assertEquals(0, folder(POSTGRES.database()).fold(List.of(explores)).learned());
    POSTGRES.keep(Said.rows(200, 7));
    folder(POSTGRES.database()).fold(List.of(explores));
    assertEquals(before, standing("eagle").observed());
    assertTrue(folder.fold(List.of(slow)).learned() > 0);
    assertArrayEquals(fold(slow.observing(), "eagle").bytes(), state("eagle", slow).bytes());
    // Another method learns from the same log.
    Learner other =
        new Learner("eagle", 4, "pickllm", new PickLlmRouter(new PickLlmRouter.Settings()));
    assertTrue(folder.fold(List.of(other)).learned() > 0);
    assertArrayEquals(fold(other.observing(), "eagle").bytes(), state("eagle", other).bytes());
    assertEquals(0, count("select count(*) from router.elo_rating where ensemble = 'eagle'"));
  }

  private static Learner eagle(long version, EagleRouter.Settings settings) {
    return new Learner("eagle", version, "eagle", new EagleRouter(settings));
  }

  @Test
  void whatALearnerRefusesIsToldAndHoldsUpNothing() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    List<FeedbackRow> rows = Said.rows(400, 11);
    POSTGRES.keep(rows);
    Folder.Folded folded = folder.fold(Said.learners());
    long failed =
        rows.stream()
            .filter(r -> r.kind() == FeedbackRow.Kind.FAILED && r.ensemble().equals("eagle"))
            .count();
    long compared =
        rows.stream()
            .filter(r -> r.kind() == FeedbackRow.Kind.COMPARISON)
            .filter(r -> r.ensemble().startsWith("pickllm") || r.ensemble().equals("metallm"))
            .count();
    assertEquals(
        failed,
        count(
            "select count(*) from router.feedback where ensemble = 'eagle' and refused like '%without an answer%'"));
    assertEquals(
        compared,
        count(
            "select count(*) from router.feedback where refused like '%no reward%' and kind = 'comparison'"));
    assertTrue(folded.refused() >= failed + compared);
    assertEquals(0, count("select count(*) from router.feedback where position is null"));
    assertEquals(
        0,
        count(
            "select count(*) from router.feedback where ensemble = 'blend' and refused is not null"));
  }

  @Test
  void whatIsLearnedDoesNotWaitForHowMembersCompare() throws SQLException {
    var broken =
        new StandingTable() {
          @Override
          public boolean fold(Connection connection, int most) throws SQLException {
            super.fold(connection, most);
            throw new IllegalArgumentException("a fault");
          }
        };
    POSTGRES.keep(Said.rows(100, 12));
    var folder = new Folder(POSTGRES.database(), feedback, table, states(), broken);
    assertTrue(folder.fold(Said.learners()).learned() > 0);
    assertFoldedOnce();
    assertEquals(0, count("select count(*) from router.standing"));
    folder(POSTGRES.database()).fold(Said.learners());
    assertTrue(count("select count(*) from router.standing") > 0);
  }

  /** By the name of a dataset, or an alias, it is the same member. */
  @Test
  void nobodyIsComparedWithItselfByAnotherName() {
    var decision =
        Decision.newBuilder()
            .setId("d")
            .addCandidates(Candidate.newBuilder().setMember("alpha").setAs("a-1"))
            .addCandidates(Candidate.newBuilder().setMember("beta"))
            .build();
    for (String loser : List.of("a-1", "first", "alpha")) {
      for (boolean turned : List.of(false, true)) {
        var given = dev.tutti.router.v1.Feedback.newBuilder().setDecision("d");
        given
            .getComparisonBuilder()
            .setWinner(turned ? loser : "alpha")
            .setLoser(turned ? "alpha" : loser);
        var named =
            FeedbackRow.named(given.build(), decision, n -> n.equals("first") ? "alpha" : n);
        FailureException failure =
            assertThrows(
                FailureException.class,
                () -> FeedbackRow.of(named, "feedback[0].", decision, new float[0]));
        assertEquals(
            "'alpha' is compared with itself.", failure.failure().message(), loser + turned);
      }
    }
  }

  /** Positions are 1 to n, and every learner knows what one that read the log would know. */
  private void assertFoldedOnce() throws SQLException {
    long pieces = count("select count(*) from router.feedback");
    assertEquals(
        LongStream.rangeClosed(1, pieces).sum(),
        count("select sum(position) from router.feedback"));
    assertEquals(pieces, count("select count(distinct position) from router.feedback"));
    for (Learner learner : Said.learners()) {
      OnlineState one = fold(learner.observing(), learner.ensemble());
      assertTrue(one.observed() > 0);
      assertArrayEquals(
          one.bytes(), state(learner.ensemble(), learner).bytes(), learner.ensemble());
    }
  }

  private static Observing direct(String ensemble) throws SQLException {
    Observing learner = Said.blank(ensemble);
    for (FeedbackRow row : log(ensemble)) {
      try {
        learner.observe(row.feedback());
      } catch (IllegalArgumentException e) {
        // As the log says.
      }
    }
    return learner;
  }

  private static OnlineState fold(Observing learner, String ensemble) throws SQLException {
    OnlineState state = OnlineState.EMPTY;
    for (FeedbackRow row : log(ensemble)) {
      try {
        Feedback feedback = row.feedback();
        state = learner.learn(state, feedback);
      } catch (IllegalArgumentException e) {
        // As the log says.
      }
    }
    return state;
  }

  private static List<FeedbackRow> log(String ensemble) throws SQLException {
    var rows = new ArrayList<FeedbackRow>();
    try (Connection connection = POSTGRES.database().connect()) {
      new OrderedFeedback()
          .read(connection, ensemble, 0, Long.MAX_VALUE, true, stored -> rows.add(stored.row()));
    }
    return rows;
  }

  private OnlineState state(String ensemble, Learner learner) throws SQLException {
    try (Connection connection = POSTGRES.database().connect()) {
      connection.setAutoCommit(false);
      return states().at(connection, learner, table.standings(connection).get(ensemble));
    }
  }

  private LearnerTable.Standing standing(String ensemble) throws SQLException {
    try (Connection connection = POSTGRES.database().connect()) {
      return table.standings(connection).get(ensemble);
    }
  }

  private static long count(String query) throws SQLException {
    try (Connection connection = POSTGRES.database().connect();
        var select = connection.createStatement();
        var rows = select.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void execute(String statement) throws SQLException {
    try (Connection connection = POSTGRES.database().connect();
        var sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }
}
