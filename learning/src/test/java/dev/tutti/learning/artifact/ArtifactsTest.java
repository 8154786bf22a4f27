package dev.tutti.learning.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.Artifact;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.Parameters;
import dev.tutti.learning.artifact.ArtifactChange.Action;
import dev.tutti.learning.artifact.Comparisons.Version;
import dev.tutti.learning.testing.LearningDatabase;
import dev.tutti.learning.testing.SumMethod;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.measure.HeldOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ArtifactsTest {

  private static final AtomicInteger NAMES = new AtomicInteger();

  private static LearningDatabase database;

  @TempDir Path home;
  private Path folder;
  private Artifact.Origin origin = Artifact.Origin.UNKNOWN;
  private String dataset = "tasks";
  private Optional<String> embedding = Optional.empty();
  private final String name = "kept-" + NAMES.incrementAndGet();
  private boolean shut;
  private final List<Replica> replicas = new ArrayList<>();

  /** What a replica has of the beans. */
  private record Replica(ArtifactTable table, LiveArtifacts<double[]> live, Artifacts artifacts) {

    int active(String name) {
      return live.active(name).map(l -> l.artifact().version()).orElse(0);
    }
  }

  @BeforeAll
  static void start() {
    database = new LearningDatabase("unit");
  }

  @AfterAll
  static void end() {
    database.close();
  }

  @AfterEach
  void stop() {
    replicas.forEach(r -> r.live().close());
    if (shut) {
      database.gate().open();
    }
  }

  private Replica replica(Path files) {
    var table = new ArtifactTable(database.database());
    var live = new LiveArtifacts<>(table, List.of(new SumMethod()), Optional.ofNullable(files));
    live.start();
    var replica = new Replica(table, live, new Artifacts(table, live, () -> embedding));
    replicas.add(replica);
    return replica;
  }

  private int add(Replica replica, String method, long[] held, float[] quality) {
    try (var connection = database.database().connect()) {
      connection.setAutoCommit(false);
      int version =
          replica
              .artifacts()
              .add(
                  connection,
                  "no job",
                  name,
                  next -> {
                    var sum = Parameters.of(List.of("a", "b")).with("sum", Matrix.row(1, next));
                    var provenance = new Artifact.Provenance("f", 2, "{}", 1, origin);
                    return new Artifacts.Fresh(
                        new Artifact(method, next, sum, provenance),
                        "{\"dataset\": \"%s\", \"embedder\": {\"sha256\": \"%s\"}}"
                            .formatted(dataset, origin.embedderSha256()),
                        "{\"quality\": 0.5}",
                        new HeldOut(held, quality),
                        "{}");
                  });
      connection.commit();
      return version;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private int add(Replica replica) {
    return add(replica, "sum", new long[] {1}, new float[] {1});
  }

  @Test
  void versionsAreNumberedAndNeverChange() throws SQLException {
    Replica one = replica(null);
    assertEquals(1, add(one));
    assertEquals(2, add(one));
    KeptArtifact first = one.artifacts().find(name, 1);
    assertEquals("sum", first.method());
    assertEquals("anonymous", first.author());
    assertTrue(first.bytes() > 0);
    var e =
        assertThrows(
            FailureException.class, () -> add(one, "zooter", new long[] {1}, new float[] {1}));
    assertTrue(e.getMessage().contains("sum") && e.getMessage().contains("zooter"), e.getMessage());
    assertThrows(FailureException.class, () -> one.artifacts().requireMethod(name, "zooter"));
    try (var connection = database.database().connect();
        var update = connection.createStatement()) {
      var refused =
          assertThrows(
              SQLException.class,
              () -> update.execute("update unit.artifact set method = 'other'"));
      assertTrue(refused.getMessage().contains("never changed"), refused.getMessage());
    }
    assertEquals(2, one.artifacts().find(name).versions().size());
    assertEquals(
        Failure.NotFound.class,
        assertThrows(FailureException.class, () -> one.artifacts().find(name, 3))
            .failure()
            .getClass());
  }

  @Test
  void rollingBackTwiceGoesTwoVersionsBack() {
    Replica one = replica(null);
    for (int i = 0; i < 3; i++) {
      add(one);
      one.artifacts().activate(name, i + 1, "ada");
    }
    assertEquals(3, one.active(name));
    assertEquals(3, one.artifacts().activate(name, 3, "ada").changes().size(), "nothing to do");
    assertEquals(2, one.artifacts().rollBack(name, "bob").summary().active().orElseThrow());
    assertEquals(2, one.active(name), "counts here once it is answered");
    one.artifacts().rollBack(name, "bob");
    assertEquals(1, one.active(name));
    var e = assertThrows(FailureException.class, () -> one.artifacts().rollBack(name, "bob"));
    assertEquals("NOTHING_TO_ROLL_BACK", e.failure().reason());
    one.artifacts().activate(name, 3, "ada");
    one.artifacts().rollBack(name, "ada");
    assertEquals(1, one.active(name), "the one before the present one");
    List<ArtifactChange> changes = one.artifacts().find(name).changes();
    assertEquals(7, changes.size(), "everything is kept");
    assertEquals("bob", changes.get(3).author());
  }

  @Test
  void aShadowIsAnotherVersionAndLeavesWhenItIsActivated() {
    Replica one = replica(null);
    add(one);
    add(one);
    assertEquals(
        "NO_SHADOW",
        assertThrows(FailureException.class, () -> one.artifacts().shadow(name, 2, "ada"))
            .failure()
            .reason());
    one.artifacts().activate(name, 1, "ada");
    assertThrows(FailureException.class, () -> one.artifacts().shadow(name, 1, "ada"));
    one.artifacts().shadow(name, 2, "ada");
    LiveArtifact<double[]> shadow = one.live().shadow(name).orElseThrow();
    assertEquals(2, shadow.artifact().version());
    var history = one.artifacts().activate(name, 2, "ada");
    assertEquals(OptionalInt.empty(), history.summary().shadow());
    assertTrue(one.live().shadow(name).isEmpty());
    assertSame(shadow, one.live().active(name).orElseThrow(), "made once a version");
    one.artifacts().shadow(name, 1, "ada");
    one.artifacts().unshadow(name, "ada");
    assertTrue(one.live().shadow(name).isEmpty());
    one.artifacts().unshadow(name, "ada");
    one.artifacts().shadow(name, 1, "ada");
    history = one.artifacts().rollBack(name, "ada");
    assertEquals(OptionalInt.of(1), history.summary().active());
    assertEquals(OptionalInt.empty(), history.summary().shadow(), "nobody shadows itself");
  }

  @Test
  void whatWasFittedToOtherEmbeddingsIsTold() {
    Replica one = replica(null);
    add(one);
    one.artifacts().activate(name, 1, "ada");
    assertFalse(one.live().embeddedByAnother("ab").contains(name + "@1"), "nobody can tell");
    origin = new Artifact.Origin("minilm", "ab", "build", "25");
    add(one);
    one.artifacts().activate(name, 2, "ada");
    assertFalse(one.live().embeddedByAnother("ab").contains(name + "@2"));
    assertTrue(one.live().embeddedByAnother("cd").contains(name + "@2"));
  }

  @Test
  void whatWasFittedToOtherEmbeddingsIsNotSwitchedOn() {
    Replica one = replica(null);
    add(one);
    origin = new Artifact.Origin("minilm", "ab", "build", "25");
    add(one);
    add(one);
    // Nobody can tell what embeds, or what did.
    one.artifacts().activate(name, 2, "ada");
    embedding = Optional.of("cd");
    one.artifacts().activate(name, 1, "ada");
    for (Executable switching :
        List.<Executable>of(
            () -> one.artifacts().activate(name, 3, "ada"),
            () -> one.artifacts().shadow(name, 3, "ada"))) {
      var e = assertThrows(FailureException.class, switching);
      assertEquals("OTHER_EMBEDDER", e.failure().reason());
    }
    assertEquals(1, one.active(name));
    one.artifacts().rollBack(name, "ada");
    assertEquals(2, one.artifacts().activate(name, 2, "ada").changes().getLast().version());
    embedding = Optional.of("ab");
    one.artifacts().activate(name, 3, "ada");
    assertEquals(3, one.active(name));
  }

  @Test
  void aSwitchThatIsNotTakenOverSaysThatItIsWritten() {
    Replica one = replica(null);
    add(one);
    try (var idle = new LiveArtifacts<>(one.table(), List.of(new SumMethod()), Optional.empty())) {
      var artifacts = new Artifacts(one.table(), idle, () -> embedding, Duration.ofMillis(1));
      var e = assertThrows(FailureException.class, () -> artifacts.activate(name, 1, "ada"));
      assertEquals("NOT_TAKEN_OVER", e.failure().reason());
    }
    await(() -> one.active(name) == 1);
  }

  @Test
  void replicasThatSwitchAtOnceAgree() throws Exception {
    Replica one = replica(null);
    Replica two = replica(null);
    for (int i = 0; i < 4; i++) {
      add(one);
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var done = new ArrayList<Future<?>>();
      for (int i = 0; i < 20; i++) {
        int version = i % 4 + 1;
        Replica replica = i % 2 == 0 ? one : two;
        done.add(threads.submit(() -> replica.artifacts().activate(name, version, "race")));
      }
      for (Future<?> each : done) {
        each.get();
      }
    }
    List<Integer> activated = ArtifactChange.activated(one.table().changes(name));
    for (int i = 1; i < activated.size(); i++) {
      assertFalse(activated.get(i).equals(activated.get(i - 1)), "no version twice in a row");
    }
    int last = activated.getLast();
    await(() -> one.active(name) == last && two.active(name) == last);
  }

  @Test
  void whatWasKnownAnswersWithoutTheDatabaseAlsoAfterARestart() throws IOException {
    Path snapshot = home.resolve("snapshot.bin");
    folder = snapshot.resolveSibling("snapshot.bin.artifacts");
    Replica one = replica(snapshot);
    add(one);
    add(one);
    one.artifacts().activate(name, 1, "ada");
    one.artifacts().shadow(name, 2, "ada");
    await(() -> one.active(name) == 1 && one.live().shadow(name).isPresent());
    await(() -> files().contains(name + "@1.active") && files().contains(name + "@2.shadow"));
    Files.writeString(folder.resolve("broken@1.active"), "no artifact");

    database.gate().shut();
    shut = true;
    await(() -> !one.live().state().connected());
    assertEquals(1, one.active(name));
    var e = assertThrows(FailureException.class, () -> one.artifacts().rollBack(name, "ada"));
    assertEquals("DATABASE_UNREACHABLE", e.failure().reason());
    Replica again = replica(snapshot);
    await(() -> again.active(name) == 1);
    assertEquals(2, again.live().shadow(name).orElseThrow().artifact().version());
    await(() -> again.live().state().tried());

    database.gate().open();
    shut = false;
    await(() -> again.live().state().connected() && one.live().state().connected());
    one.artifacts().activate(name, 2, "ada");
    await(() -> again.active(name) == 2);
    await(() -> files().contains(name + "@2.active") && !files().contains(name + "@1.active"));
    assertFalse(files().contains("broken@1.active"));
  }

  @Test
  void oneThatCannotBeReadLeavesTheOneBeforeItWhereItWas() throws Exception {
    Path snapshot = home.resolve("snapshot.bin");
    folder = snapshot.resolveSibling("snapshot.bin.artifacts");
    Replica one = replica(snapshot);
    add(one);
    one.artifacts().activate(name, 1, "ada");
    try (var connection = database.database().connect();
        var insert =
            connection.prepareStatement(
                "insert into unit.artifact"
                    + " (name, version, method, document, provenance, metrics, held_out, created_by)"
                    + " values (?, 2, 'sum', 'damaged', '{}', '{}', '', 'ada')")) {
      insert.setString(1, name);
      insert.executeUpdate();
    }
    one.artifacts().activate(name, 2, "ada");
    assertEquals(1, one.active(name));
    assertTrue(files().contains(name + "@1.active"), files().toString());
    one.artifacts().rollBack(name, "ada");
  }

  @Test
  void oneThatIsGoneHoldsNobodyElseUp() throws Exception {
    Replica one = replica(null);
    add(one);
    try (var connection = database.database().connect();
        var insert =
            connection.prepareStatement(
                "insert into unit.artifact_change (name, action, version, author)"
                    + " values (?, 'ACTIVATE', 7, 'ada')")) {
      insert.setString(1, name + "-gone");
      insert.executeUpdate();
    }
    one.artifacts().activate(name, 1, "ada");
    assertEquals(1, one.active(name));
    assertEquals(0, one.active(name + "-gone"));
    assertTrue(one.live().state().connected());
  }

  private List<String> files() {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void versionsAreComparedInPairsWhereBothHeldOutTheSame() {
    Replica one = replica(null);
    var queries = new long[100];
    var all = new float[100];
    var half = new float[100];
    for (int i = 0; i < 100; i++) {
      queries[i] = i;
      all[i] = 1;
      half[i] = i % 2;
    }
    add(one, "sum", queries, half);
    add(one, "sum", queries, all);
    add(one, "sum", new long[] {200, 201}, new float[] {1, 1});
    dataset = "marks";
    add(one, "sum", queries, all);
    Comparisons.Comparison compared =
        new Comparisons(one.artifacts(), one.table())
            .compare(
                List.of(
                    new Version(name, 1),
                    new Version(name, 2),
                    new Version(name, 3),
                    new Version(name, 4)));
    assertEquals(4, compared.versions().size());
    var difference = compared.pairings().getFirst().difference().orElseThrow();
    assertEquals(0.5, difference.mean(), 1e-9);
    assertTrue(difference.low() > 0.3 && difference.high() < 0.7, difference.toString());
    assertTrue(compared.pairings().get(1).difference().isEmpty());
    assertTrue(compared.pairings().get(1).reason().contains("same queries"));
    assertTrue(compared.pairings().getLast().difference().isEmpty());
    assertEquals(
        "They were measured on datasets whose scores may be of different units: 'tasks' and 'marks'.",
        compared.pairings().getLast().reason());
  }

  @Test
  void changesAreAStack() {
    assertEquals(
        List.of(1, 3),
        ArtifactChange.activated(
            List.of(
                change(Action.ACTIVATE, 1),
                change(Action.ACTIVATE, 2),
                change(Action.SHADOW, 3),
                change(Action.ROLL_BACK, 1),
                change(Action.ACTIVATE, 3))));
  }

  private static ArtifactChange change(Action action, int version) {
    return new ArtifactChange(1, "x", action, version, Instant.EPOCH, "ada");
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited 20 s");
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
