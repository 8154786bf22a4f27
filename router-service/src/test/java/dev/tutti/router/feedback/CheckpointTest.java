package dev.tutti.router.feedback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.job.Retention;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.Floats;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.v1.Ensemble;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.RouterCatalog;
import dev.tutti.router.activity.StandingTable;
import dev.tutti.router.members.Directory;
import dev.tutti.router.method.bandit.MetaLlmRouter;
import dev.tutti.router.method.elo.EagleRouter;
import dev.tutti.router.testing.Neighbourhood;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A state is written now and then, and is the same whenever that was. */
class CheckpointTest {

  private static final int EMBEDDING = 384;

  @RegisterExtension static final TestDatabase POSTGRES = new TestDatabase();

  private final OrderedFeedback feedback = new OrderedFeedback();
  private final LearnerTable table = new LearnerTable();

  /** What people are told of members is written every two seconds, whatever was said. */
  private static final StandingTable NO_STANDINGS =
      new StandingTable() {
        @Override
        public boolean fold(Connection connection, int most) {
          return false;
        }
      };

  private Folder folder(Database database) {
    return new Folder(database, feedback, table, new LearnedStates(feedback, table), NO_STANDINGS);
  }

  @Test
  void aPieceOfFeedbackWritesAFewKilobytesHoweverMuchIsKnown() throws SQLException {
    assertWritten(metallm("few", 64), 3, 110);
    assertWritten(metallm("many", 0), 11, 20);
    assertWritten(
        new Learner("rated", 1, "eagle", new EagleRouter(new EagleRouter.Settings())), 11, 20);
  }

  private void assertWritten(Learner learner, int members, int pieces) throws SQLException {
    Folder folder = folder(POSTGRES.database());
    var random = new SplittableRandom(1);
    long before = 0;
    // The first touches to tables and pages are not what is measured.
    for (int i = -10; i < pieces; i++) {
      if (i == 0) {
        before = number("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
      }
      POSTGRES.keep(List.of(row(learner.ensemble() + i, learner.ensemble(), members, random)));
      assertEquals(1, folder.fold(List.of(learner)).learned());
    }
    long bytes = (number("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn") - before) / pieces;
    System.out.printf("%s: %d bytes of WAL a piece%n", learner.ensemble(), bytes);
    assertTrue(bytes < 8_192, learner.ensemble() + ": " + bytes + " bytes of WAL a piece");
    assertSame(learner);
  }

  @Test
  void aStateIsWrittenWhenAsMuchWasSaidAsItIsLarge() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    Learner learner = metallm("few", 64);
    var random = new SplittableRandom(2);
    var checkpoints = new ArrayList<Long>();
    for (int i = 1; i <= 70; i++) {
      POSTGRES.keep(List.of(row("c" + i, "few", 2, random)));
      folder.fold(List.of(learner));
      assertEquals(i, number("select position from router.learner"));
      checkpoints.add(number("select checkpoint from router.learner"));
    }
    // Two members of 1 + 65^2 + 65 numbers are as large as 33.6 pieces of 2 KiB.
    assertEquals(List.of(1L, 35L, 69L), checkpoints.stream().distinct().toList());
    assertSame(learner);
  }

  @Test
  void whatIsRefusedIsNotReadAgainAndAgain() throws SQLException {
    Folder folder = folder(POSTGRES.database());
    Learner learner = metallm("few", 64);
    var random = new SplittableRandom(3);
    for (int i = 0; i < 5; i++) {
      FeedbackRow row = row("r" + i, "few", 3, random);
      POSTGRES.keep(List.of(i == 0 ? row : unplaced(row)));
      folder.fold(List.of(learner));
    }
    assertEquals(4, number("select count(*) from router.feedback where refused is not null"));
    assertEquals(5, number("select checkpoint from router.learner"));
  }

  @Test
  void whatAnEarlierBuildWroteGoesOn() throws Exception {
    List<FeedbackRow> rows =
        IntStream.range(0, 30)
            .mapToObj(i -> row("m" + i, "few", 3, new SplittableRandom(i)))
            .toList();
    Learner learner = metallm("few", 64);
    Database database = POSTGRES.before("7");
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      // The insert is this build's.
      try (var statement = connection.createStatement()) {
        statement.execute(
            "alter table router.feedback add column team text not null default 'none', add column domain text");
      }
      new FeedbackTable().insert(connection, rows.subList(0, 20));
      feedback.order(connection, 100);
      OnlineState state = learned(learner.observing(), rows.subList(0, 20));
      for (var arm : state.arms().entrySet()) {
        try (var insert =
            connection.prepareStatement(
                "insert into router.bandit_arm (ensemble, member, numbers, position) values ('few', ?, ?, 20)")) {
          insert.setString(1, arm.getKey());
          insert.setBytes(2, Floats.bytes(arm.getValue()));
          insert.executeUpdate();
        }
      }
      try (var insert =
          connection.prepareStatement(
              "insert into router.learner (ensemble, ensemble_version, method, basis, epoch, position, observed) values ('few', 1, 'metallm', ?, 1, 20, 20)")) {
        insert.setString(1, learner.observing().basis());
        insert.executeUpdate();
      }
      connection.commit();
    }
    POSTGRES.migrate();
    POSTGRES.keep(rows.subList(20, 30));
    assertEquals(10, folder(POSTGRES.database()).fold(List.of(learner)).learned());
    assertEquals(1, number("select epoch from router.learner"));
    assertEquals(20, number("select checkpoint from router.learner"));
    assertSame(learner);
  }

  @Test
  void whatIsInNoCheckpointIsNotDeleted() throws Exception {
    Folder folder = folder(POSTGRES.database());
    Learner learner = metallm("few", 64);
    Learner rated = new Learner("rated", 1, "eagle", new EagleRouter(new EagleRouter.Settings()));
    var random = new SplittableRandom(4);
    for (int i = 0; i < 40; i++) {
      POSTGRES.keep(List.of(row("o" + i, "few", 2, random)));
      folder.fold(List.of(learner, rated));
    }
    POSTGRES.keep(List.of(row("e", "rated", 2, random), row("n", "nobody", 2, random)));
    folder.fold(List.of(learner, rated));
    POSTGRES.keep(List.of(row("l", "nobody", 2, random), row("u", "nobody", 2, random)));
    in(connection -> feedback.order(connection, 1));
    assertEquals(43, number("select max(position) from router.feedback"));
    OnlineState before = restarted(learner);
    assertEquals(35 + 1, sweep(List.of(learner, rated)));
    // Not in a checkpoint; what Eagle remembers; the last position; without a position.
    assertEquals(5 + 1 + 1 + 1, number("select count(*) from router.feedback"));
    assertArrayEquals(before.bytes(), restarted(learner).bytes());
    assertEquals(0, sweep(List.of(learner, rated)));
    var refused =
        assertThrows(FailureException.class, () -> folder(POSTGRES.database()).rebuild(learner));
    assertEquals("FEEDBACK_DELETED", refused.failure().reason());
    POSTGRES.keep(List.of(row("later", "few", 2, random)));
    folder.fold(List.of(learner, rated));
    assertEquals(45, number("select position from router.learner where ensemble = 'few'"));
    assertEquals(41, restarted(learner).observed());
  }

  /** Nor is half a log ever learned. */
  @Test
  void whatLearnsNoMoreKeepsNothing() throws Exception {
    Folder folder = folder(POSTGRES.database());
    Learner learner = metallm("few", 64);
    var random = new SplittableRandom(5);
    for (int i = 0; i < 40; i++) {
      POSTGRES.keep(List.of(row("o" + i, "few", 2, random)));
      folder.fold(List.of(learner));
    }
    POSTGRES.keep(List.of(row("n", "nobody", 2, random)));
    folder.fold(List.of(learner));
    // It is not known, or a later registration than the retired one learned last.
    assertEquals(35, sweep(List.of(), _ -> OptionalLong.empty()));
    assertEquals(0, sweep(List.of(), _ -> OptionalLong.of(0)));
    OnlineState before = restarted(learner);
    assertEquals(40, before.observed());
    assertEquals(5, sweep(List.of(), _ -> OptionalLong.of(1)));
    assertEquals(0, number("select count(*) from router.bandit_arm"));
    for (int i = 0; i < 3; i++) {
      POSTGRES.keep(List.of(row("l" + i, "few", 2, random)));
    }
    Learner again = new Learner("few", 2, "metallm", metallm("few", 64).observing());
    assertEquals(3, folder.fold(List.of(again)).learned());
    assertEquals(3, restarted(again).observed());
    assertEquals(2, number("select epoch from router.learner"));
    assertSame(again);
  }

  @Test
  void whoLearnsNoMoreIsRetiredOrOfAnotherMethod() {
    var snapshot =
        Snapshot.newBuilder()
            .addModels(Neighbourhood.model("anna", Lifecycle.LIFECYCLE_ACTIVE))
            .addModels(Neighbourhood.model("gone", Lifecycle.LIFECYCLE_RETIRED))
            .addEnsembles(ensemble("learns", "metallm", "anna"))
            .addEnsembles(ensemble("other", "blending", "anna").setVersion(3))
            .addEnsembles(ensemble("broken", "metallm", "gone"))
            .addEnsembles(
                ensemble("retired", "metallm", "anna")
                    .setLifecycle(Lifecycle.LIFECYCLE_RETIRED)
                    .setVersion(4)
                    .addAliases("alias"));
    Directory directory = new Directory(snapshot.build(), RouterCatalog.METHODS);
    for (String may : List.of("learns", "broken", "unknown", "alias", "anna")) {
      assertEquals(OptionalLong.empty(), OldFeedback.ended(directory, may), may);
    }
    assertEquals(OptionalLong.of(3), OldFeedback.ended(directory, "other"));
    assertEquals(OptionalLong.of(4), OldFeedback.ended(directory, "retired"));
  }

  private static Ensemble.Builder ensemble(String name, String method, String member) {
    return Neighbourhood.ensemble(name, Family.FAMILY_ROUTER, method, member).toBuilder();
  }

  private long sweep(List<Learner> learners) throws Exception {
    return sweep(learners, _ -> OptionalLong.empty());
  }

  private long sweep(List<Learner> learners, Function<String, OptionalLong> ended)
      throws Exception {
    var old = new OldFeedback(feedback, table);
    return new Retention(
            POSTGRES.database()::connect,
            "router",
            List.of(
                new Retention.Rule(
                    "feedback",
                    Optional.of(Duration.ofHours(1)),
                    () -> old.sweep(learners, ended))),
            new SimpleMeterRegistry())
        .sweep(Instant.now().plus(Duration.ofDays(1)));
  }

  private interface Work<T> {
    T apply(Connection connection) throws SQLException;
  }

  private static <T> T in(Work<T> work) throws SQLException {
    try (Connection connection = POSTGRES.database().connect()) {
      connection.setAutoCommit(false);
      T result = work.apply(connection);
      connection.commit();
      return result;
    }
  }

  /** What a replica that starts now knows. */
  private OnlineState restarted(Learner learner) throws SQLException {
    return in(
        connection ->
            new LearnedStates(feedback, table)
                .at(connection, learner, table.standings(connection).get(learner.ensemble())));
  }

  /** A replica that starts now knows what one that read the whole log would know. */
  private void assertSame(Learner learner) throws SQLException {
    var rows = new ArrayList<FeedbackRow>();
    try (Connection connection = POSTGRES.database().connect()) {
      connection.setAutoCommit(false);
      feedback.read(
          connection,
          learner.ensemble(),
          0,
          Long.MAX_VALUE,
          false,
          stored -> rows.add(stored.row()));
    }
    assertArrayEquals(learned(learner.observing(), rows).bytes(), restarted(learner).bytes());
    assertTrue(folder(POSTGRES.database()).rebuild(learner));
  }

  private static OnlineState learned(Observing learner, List<FeedbackRow> rows) {
    OnlineState state = OnlineState.EMPTY;
    for (FeedbackRow row : rows) {
      state = learner.learn(state, row.feedback());
    }
    return state;
  }

  private static Learner metallm(String ensemble, int dimensions) {
    return new Learner(
        ensemble,
        1,
        "metallm",
        new MetaLlmRouter(new MetaLlmRouter.Settings(0.3, 1, 1, 0, 0.01, dimensions, 0)));
  }

  private static FeedbackRow row(
      String key, String ensemble, int members, SplittableRandom random) {
    var embedding = new float[EMBEDDING];
    for (int i = 0; i < EMBEDDING; i++) {
      embedding[i] = (float) random.nextGaussian();
    }
    FeedbackRow some = Said.row(key, ensemble, random);
    List<String> pool = IntStream.range(0, members).mapToObj(m -> "m" + m).toList();
    return new FeedbackRow(
        key,
        some.content(),
        some.decision(),
        ensemble,
        1,
        "any",
        "none",
        FeedbackRow.Kind.RATING,
        pool.get(random.nextInt(members)),
        "",
        random.nextDouble(),
        "person",
        "",
        "",
        pool,
        OptionalDouble.of(0.001),
        OptionalDouble.of(1),
        embedding);
  }

  /** On a query of which nobody has the embedding. */
  private static FeedbackRow unplaced(FeedbackRow row) {
    return new FeedbackRow(
        row.key(),
        row.content(),
        row.decision(),
        row.ensemble(),
        row.ensembleVersion(),
        row.method(),
        row.team(),
        row.kind(),
        row.member(),
        row.other(),
        row.score(),
        row.source(),
        row.comment(),
        row.domain(),
        row.pool(),
        row.usd(),
        row.seconds(),
        new float[0]);
  }

  private static long number(String query) throws SQLException {
    try (Connection connection = POSTGRES.database().connect();
        var select = connection.createStatement();
        var rows = select.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
