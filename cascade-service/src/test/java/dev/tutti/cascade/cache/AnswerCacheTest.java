package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.cache.CacheEntry.Embedded;
import dev.tutti.cascade.cache.CacheSettings.Reach;
import dev.tutti.cascade.cache.Observation.Source;
import dev.tutti.cascade.feedback.Said;
import dev.tutti.generation.v1.CacheOutcome;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.learning.testing.LearningDatabase;
import dev.tutti.method.v1.Recipe;
import dev.tutti.type.v1.Member;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache, of two replicas, over a real PostgreSQL. */
class AnswerCacheTest {

  private static final CacheSettings SEMANTIC = settings(OptionalDouble.empty(), 100);
  private static LearningDatabase database;

  private final Map<String, float[]> vectors = new HashMap<>();
  private final List<Replica> open = new ArrayList<>();
  private Replica one;
  private Replica two;

  /** A replica: its own memory, the same tables. */
  private static final class Replica {
    private final AtomicInteger lost = new AtomicInteger();
    private final AnswerMemory memory;
    private final CacheWriter writer;
    private final CacheFollower follower;
    private final AnswerCache cache;

    /** What is drawn next; 0.5 at first: nothing is asked for anew by chance. */
    private double drawn = 0.5;

    private Duration ahead = Duration.ZERO;

    Replica(long mostBytes) {
      memory = new AnswerMemory(mostBytes, Runnable::run);
      var table = new CacheTable(database.database());
      writer = new CacheWriter(table, lost::incrementAndGet);
      follower = new CacheFollower(memory, new CacheNews(database.database()), table, writer);
      cache = new AnswerCache(memory, table, writer, () -> drawn, () -> Instant.now().plus(ahead));
      writer.start();
    }
  }

  @BeforeAll
  static void start() {
    database = new LearningDatabase("cascade");
  }

  @AfterAll
  static void end() {
    database.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    try (Connection connection = database.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "truncate cascade.cache_entry, cascade.cache_purge restart identity cascade");
    }
    one = open(1 << 30);
    two = open(1 << 30);
    one.follower.look();
    two.follower.look();
  }

  /** What one of them would still write is not the next test's. */
  @AfterEach
  void stop() {
    open.forEach(replica -> replica.writer.close());
  }

  private Replica open(long mostBytes) {
    var replica = new Replica(mostBytes);
    open.add(replica);
    return replica;
  }

  private static CacheSettings settings(OptionalDouble error, int size) {
    return new CacheSettings(Reach.SEMANTIC, 0.9, error, 24, size, false, 0.01);
  }

  private static CacheKey key(String team, String ensemble, String question) {
    var request =
        GenerateRequest.newBuilder()
            .setRequestId("r")
            .setRecipe(
                Recipe.newBuilder()
                    .setEnsemble(ensemble)
                    .setVersion(1)
                    .setMethod("model-cascading")
                    .addMembers(Member.newBuilder().setModel("m")))
            .addMessages(Message.newBuilder().setRole(Role.ROLE_USER).setContent(question))
            .setSampling(Sampling.newBuilder().setTemperature(0))
            .build();
    return CacheKey.of(RecipeRequest.whole(request), team, "", false, SEMANTIC).orElseThrow();
  }

  private static CacheKey key(String question) {
    return key("none", "e", question);
  }

  private static Completion answer(String text) {
    return Completion.newBuilder()
        .setText(text)
        .setFinishReason(FinishReason.FINISH_REASON_STOP)
        .setAuthor("m")
        .setCostUsd(0.25)
        .build();
  }

  /** The angle of a question, in hundredths of a radian; its cosine to another is that of both. */
  private void angle(String question, int hundredths) {
    double radians = hundredths / 100.0;
    vectors.put(question, new float[] {(float) Math.cos(radians), (float) Math.sin(radians)});
  }

  private Lookup look(Replica replica, CacheKey key, CacheSettings settings) {
    return replica.cache.look(
        key,
        settings,
        () -> Optional.ofNullable(vectors.get(key.question())).map(v -> new Embedded("sha", v)),
        false);
  }

  private Lookup look(Replica replica, CacheKey key) {
    return look(replica, key, SEMANTIC);
  }

  private CacheEntry keep(Replica replica, CacheKey key, CacheSettings settings, String text) {
    var missed = assertInstanceOf(Lookup.Missed.class, look(replica, key, settings));
    return replica.cache.keep(missed, settings, "id " + key.question(), answer(text)).orElseThrow();
  }

  private CacheEntry keep(Replica replica, String question, String text) {
    return keep(replica, key(question), SEMANTIC, text);
  }

  private static Lookup.Given given(Lookup lookup) {
    return assertInstanceOf(Lookup.Given.class, lookup);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not within 30 s");
      Thread.sleep(5);
    }
  }

  private static int rows(String table) {
    return rows("cascade." + table, "true");
  }

  private static int rows(String table, String where) {
    try (Connection connection = database.database().connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select count(*) from " + table + " where " + where)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theSameRequestIsGivenAtOnce() {
    CacheEntry kept = keep(one, "What is 2 + 2?", "4");
    Lookup.Given given = given(look(one, key("What is 2 + 2?")));
    assertEquals(CacheOutcome.CACHE_OUTCOME_EXACT, given.outcome());
    assertEquals(kept, given.entry());
    assertEquals("4", given.entry().made().answer().getText());
    assertEquals(0.25, given.entry().made().costUsd());
    assertEquals(0, given.entry().made().answer().getCostUsd(), "it is given for nothing");
  }

  @Test
  void similarQuestionsAreGivenWhereTheyNameTheSame() {
    angle("How do I boil eggs?", 0);
    angle("Hello, how do I boil eggs?", 20);
    angle("How do I fry fish?", 60);
    angle("How do I boil two eggs?", 1);
    keep(one, "How do I boil eggs?", "In water.");
    Lookup.Given given = given(look(one, key("Hello, how do I boil eggs?")));
    assertEquals(CacheOutcome.CACHE_OUTCOME_SEMANTIC, given.outcome());
    assertEquals(Math.cos(0.2), given.similarity(), 1e-6);
    assertInstanceOf(Lookup.Missed.class, look(one, key("How do I fry fish?")), "cos .6 < .9");
    assertInstanceOf(Lookup.Missed.class, look(one, key("How do I boil two eggs?")), "a number");
    // Only what is asked for by its meaning is embedded.
    var exact = new CacheSettings(Reach.EXACT, 0.9, OptionalDouble.empty(), 24, 100, false, 0.01);
    assertInstanceOf(Lookup.Missed.class, look(one, key("Hello, how do I boil eggs?"), exact));
  }

  @Test
  void anotherTeamAnotherEnsembleAndAnotherEmbedderSeeNothing() throws InterruptedException {
    angle("Why is the sky blue?", 0);
    angle("Why is the sky so blue?", 1);
    keep(one, key("red", "e", "Why is the sky blue?"), SEMANTIC, "Rayleigh.");
    given(look(one, key("red", "e", "Why is the sky blue?")));
    given(look(one, key("red", "e", "Why is the sky so blue?")));
    for (String question : vectors.keySet()) {
      assertInstanceOf(Lookup.Missed.class, look(one, key("blue", "e", question)));
      assertInstanceOf(Lookup.Missed.class, look(one, key("red", "f", question)));
    }
    CacheKey asked = key("red", "e", "Why is the sky so blue?");
    var other = new Embedded("another", vectors.get(asked.question()));
    assertInstanceOf(
        Lookup.Missed.class, one.cache.look(asked, SEMANTIC, () -> Optional.of(other), false));
    // Nor what is told of it, nor may it purge it.
    assertEquals(1, one.cache.report("red").size());
    assertEquals(0, one.cache.report("blue").size());
    assertEquals(0, one.cache.report("blue", "e").entries());
    await(() -> rows("cache_entry") == 1);
    assertEquals(0, one.cache.purge("blue", "e", "eve"));
    two.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(two, key("blue", "e", "Why is the sky blue?")));
    given(look(two, key("red", "e", "Why is the sky blue?")));
  }

  @Test
  void otherReplicasFollow() throws InterruptedException {
    angle("Why do birds sing?", 0);
    angle("Why do the birds sing?", 5);
    keep(one, "Why do birds sing?", "To court.");
    await(() -> rows("cache_entry") == 1);
    two.follower.look();
    Lookup.Given given = given(look(two, key("Why do the birds sing?")));
    assertEquals("To court.", given.entry().made().answer().getText());
    assertEquals("id Why do birds sing?", given.entry().made().requestId());
    assertEquals(1, two.memory.size());
    // What is refreshed there comes back here.
    var missed =
        (Lookup.Missed) two.cache.look(key("Why do birds sing?"), SEMANTIC, Optional::empty, true);
    two.cache.keep(missed, SEMANTIC, "again", answer("For joy."));
    await(
        () -> {
          one.follower.look();
          return given(look(one, key("Why do birds sing?")))
              .entry()
              .made()
              .answer()
              .getText()
              .equals("For joy.");
        });
    assertEquals(1, one.memory.size());
  }

  /** A transaction that began before and commits after one that was seen is not missed. */
  @Test
  void nothingIsMissedThatCommitsLate() throws SQLException, InterruptedException {
    keep(one, "Why is grass green?", "Chlorophyll.");
    await(() -> rows("cache_entry") == 1);
    try (Connection late = database.database().connect();
        Statement statement = late.createStatement()) {
      late.setAutoCommit(false);
      statement.execute(
          "insert into cascade.cache_entry select sha256(key), team, ensemble, scope, 'Why?',"
              + " embedder, vector, answer, author, request, cost_usd, made, ends from cascade.cache_entry");
      keep(one, "Why is snow white?", "It scatters.");
      await(() -> rows("cache_entry") == 2);
      two.follower.look();
      assertEquals(2, two.memory.size());
      late.commit();
    }
    two.follower.look();
    assertEquals(3, two.memory.size());
  }

  @Test
  void whatIsPurgedIsGoneEverywhere() throws InterruptedException {
    keep(one, "Why is the sea salty?", "Rivers.");
    keep(one, key("none", "other", "Why is the sea salty?"), SEMANTIC, "Rivers.");
    await(() -> rows("cache_entry") == 2);
    two.follower.look();
    // Not written yet, maybe.
    keep(two, "Why is the sea blue?", "Water.");
    assertTrue(two.cache.purge("none", "e", "ann") >= 1);
    assertInstanceOf(Lookup.Missed.class, look(two, key("Why is the sea salty?")));
    assertInstanceOf(Lookup.Missed.class, look(two, key("Why is the sea blue?")));
    two.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(two, key("Why is the sea blue?")));
    one.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(one, key("Why is the sea salty?")));
    given(look(one, key("none", "other", "Why is the sea salty?")));
    assertEquals(1, rows("cache_entry"));
    // From here on it keeps again.
    keep(one, "Why is the sea salty?", "Rivers, mostly.");
    await(() -> rows("cache_entry") == 2);
  }

  /** As a process that was killed: nothing but the database is left. */
  @Test
  void whatIsWrittenOutlivesTheProcess() throws InterruptedException {
    keep(one, "Why do cats purr?", "To heal.");
    await(() -> rows("cache_entry") == 1);
    judge("id Why do cats purr?", "m", false);
    judge("id Why do cats purr?", "m", false);
    var next = open(1 << 30);
    next.follower.look();
    CacheEntry found = given(look(next, key("Why do cats purr?"))).entry();
    assertEquals(1, found.observed().size());
    next.cache.purge("none", "e", "ann");
    var last = open(1 << 30);
    last.follower.look();
    assertEquals(0, last.memory.size());
  }

  /** As a process that ends in order. */
  @Test
  void whatWaitsIsWrittenAtTheEnd() {
    for (int i = 0; i < 50; i++) {
      keep(one, key("none", "e", "Question " + i), settings(OptionalDouble.empty(), 1_000), "A");
    }
    one.writer.close();
    assertEquals(50, rows("cache_entry"));
    assertEquals(0, one.lost.get());
    // Nothing is said to be kept that nobody writes any more.
    var late = assertInstanceOf(Lookup.Missed.class, look(one, key("Too late?")));
    assertTrue(one.cache.keep(late, SEMANTIC, "late", answer("Yes.")).isEmpty());
    assertInstanceOf(Lookup.Missed.class, look(one, key("Too late?")));
    assertEquals(1, one.lost.get());
  }

  /** What waits for a database that is away has an end, and so has the service's own end. */
  @Test
  void whatFindsNoRoomToWaitIsNotKept() {
    var full = open(1 << 30);
    database.gate().close();
    try {
      String large = "x".repeat(65_000);
      int kept = 0;
      while (kept < 1_000 && full.lost.get() == 0) {
        var missed = assertInstanceOf(Lookup.Missed.class, look(full, key("Question " + kept)));
        boolean is =
            full.cache
                .keep(missed, settings(OptionalDouble.empty(), 1_000), "r", answer(large))
                .isPresent();
        assertEquals(full.lost.get() == 0, is);
        kept++;
      }
      assertTrue(kept > 100 && kept < 1_000, "kept " + kept);
      assertInstanceOf(Lookup.Missed.class, look(full, key("Question " + (kept - 1))));
      assertTimeoutPreemptively(Duration.ofSeconds(30), full.writer::close);
    } finally {
      database.gate().open();
    }
  }

  /** What was looked up before a purge is not kept after it, whatever the clocks say. */
  @Test
  void whatIsMadeWhileItIsPurgedIsNotKept() {
    two.ahead = Duration.ofSeconds(2);
    var here = (Lookup.Missed) look(one, key("Why do bees dance?"));
    var there = (Lookup.Missed) look(two, key("Why do bees buzz?"));
    var other = (Lookup.Missed) look(two, key("none", "other", "Why do bees buzz?"));
    one.cache.purge("none", "e", "ann");
    assertTrue(one.cache.keep(here, SEMANTIC, "r1", answer("To tell.")).isEmpty());
    assertEquals(0, one.memory.size());
    two.cache.keep(there, SEMANTIC, "r2", answer("Wings."));
    two.cache.keep(other, SEMANTIC, "r3", answer("Wings."));
    one.writer.close();
    two.writer.close();
    assertEquals(1, rows("cache_entry"), "the other ensemble's");
    two.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(two, key("Why do bees buzz?")));
    given(look(two, key("none", "other", "Why do bees buzz?")));
  }

  /** A purge waits for what is being written, and forgets it. */
  @Test
  void whatIsBeingWrittenIsPurgedToo() throws Exception {
    keep(two, key("none", "other", "Why do owls hoot?"), SEMANTIC, "To call.");
    await(() -> rows("cache_entry") == 1);
    try (Connection late = database.database().connect();
        Statement statement = late.createStatement();
        var thread = Executors.newVirtualThreadPerTaskExecutor()) {
      late.setAutoCommit(false);
      statement.execute("select pg_advisory_xact_lock_shared(" + CacheTable.LOCK + ")");
      statement.execute(
          "insert into cascade.cache_entry select sha256(key), team, 'e', scope, question,"
              + " embedder, vector, answer, author, request, cost_usd, made, ends from cascade.cache_entry");
      var purged = thread.submit(() -> one.cache.purge("none", "e", "ann"));
      await(() -> rows("pg_locks", "locktype = 'advisory' and not granted") == 1);
      late.commit();
      assertEquals(1, purged.get());
    }
    assertEquals(1, rows("cache_entry"));
  }

  @Test
  void withoutTheDatabaseMemoryServes() throws InterruptedException {
    keep(one, "Why do leaves fall?", "To save water.");
    await(() -> rows("cache_entry") == 1);
    database.gate().close();
    try {
      given(look(one, key("Why do leaves fall?")));
      keep(one, "Why do leaves turn red?", "Anthocyanins.");
      given(look(one, key("Why do leaves turn red?")));
      await(() -> isAway(one));
      var refused = assertThrows(FailureException.class, () -> one.cache.purge("none", "e", "ann"));
      assertInstanceOf(Failure.Unavailable.class, refused.failure());
      given(look(one, key("Why do leaves fall?")));
    } finally {
      database.gate().open();
    }
    await(() -> !isAway(one));
    given(look(one, key("Why do leaves turn red?")));
    // What was kept meanwhile waited for it.
    await(() -> rows("cache_entry") == 2);
    assertEquals(0, one.lost.get());
  }

  private static boolean isAway(Replica replica) {
    try {
      replica.follower.look();
      return false;
    } catch (FailureException away) {
      return true;
    }
  }

  @Test
  void theOldestGoFirst() throws InterruptedException {
    CacheSettings three = settings(OptionalDouble.empty(), 3);
    for (int i = 0; i < 5; i++) {
      keep(one, key("Question " + i), three, "Answer " + i);
    }
    assertInstanceOf(Lookup.Missed.class, look(one, key("Question 1"), three));
    given(look(one, key("Question 2"), three));
    assertEquals(3, one.memory.size());
    await(() -> rows("cache_entry") == 3);
    // All of memory has an end too.
    var small = open(3_000);
    small.follower.look();
    assertTrue(small.memory.bytes() <= 3_000);
    keep(small, "More?", "x".repeat(500));
    assertTrue(small.memory.bytes() <= 3_000);
    given(look(small, key("More?")));
    assertTrue(small.memory.crowdedOut() > 0);
  }

  /** Who never kept anything holds no more than the ensemble may, once it is asked. */
  @Test
  void whoeverFollowsHoldsNoMore() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      keep(one, "Question " + i, "Answer " + i);
    }
    await(() -> rows("cache_entry") == 5);
    two.follower.look();
    assertEquals(5, two.memory.size());
    given(look(two, key("Question 4"), settings(OptionalDouble.empty(), 2)));
    assertEquals(2, two.memory.size());
    given(look(two, key("Question 4"), settings(OptionalDouble.empty(), 1)));
    assertEquals(1, two.memory.size());
    await(() -> rows("cache_entry") == 1);
  }

  /** What is observed takes room, and gives it back. */
  @Test
  void whatIsObservedIsCounted() {
    CacheEntry kept = keep(one, "Why do stars twinkle?", "Air.");
    long before = one.memory.bytes();
    for (int i = 0; i < 200; i++) {
      one.memory.observe(kept, new Observation("o" + i, 0.9, true, Source.CHECKED));
    }
    assertTrue(one.memory.bytes() >= before + 200 * 100, "200 of 100 bytes at least");
    one.memory.remove(kept);
    one.memory.observe(kept, new Observation("last", 0.9, true, Source.CHECKED));
    assertEquals(0, one.memory.bytes());
  }

  @Test
  void oldOnesAreNotGiven() throws InterruptedException {
    keep(one, "Why do we dream?", "Nobody knows.");
    one.ahead = Duration.ofHours(24).minusMinutes(1);
    given(look(one, key("Why do we dream?")));
    one.ahead = Duration.ofHours(24);
    assertInstanceOf(Lookup.Missed.class, look(one, key("Why do we dream?")));
    assertEquals(1, one.memory.expire(Instant.now().plus(one.ahead)).size());
    assertEquals(0, one.memory.size());
    assertEquals(0, one.memory.bytes());
  }

  /**
   * By request: what is said of a member that is not the author, or of another ensemble, is not.
   */
  @Test
  void oneJudgementDecidesNothingAndTwoDo() throws InterruptedException {
    angle("Why do magnets attract?", 0);
    angle("Why do the magnets attract?", 0);
    keep(one, "Why do magnets attract?", "Glue.");
    for (String request : List.of("r1", "r2", "r3", "r4")) {
      one.cache.gave(given(look(one, key("Why do the magnets attract?"))), request);
    }
    await(() -> rows("cache_given") == 5);
    judge("r1", "m", false);
    judge("r2", "another", false);
    judge("another", "m", false);
    judge("other", "r2", "m", false);
    judge(new Said("k", "r3", "e", "m", 0.5, Instant.now()));
    one.follower.look();
    assertEquals(1, one.cache.report("none", "e").judged());
    given(look(one, key("Why do the magnets attract?")));
    judge("r2", "m", false);
    one.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(one, key("Why do the magnets attract?")));
    judge("r3", "m", true);
    judge("r4", "m", true);
    one.follower.look();
    given(look(one, key("Why do the magnets attract?")));
    CacheReport report = one.cache.report("none", "e");
    assertEquals(4, report.judged());
    assertEquals(2, report.judgedWrong());
    assertEquals(0.5, report.falseHitRate().orElseThrow());
    // Whoever changes his mind is counted once, and hearing all of it again changes nothing.
    for (int again = 0; again < 2; again++) {
      judge(
          new Said("k1", "r1", "e", "m", 0, Instant.now()),
          new Said("k2", "r1", "e", "m", 1, Instant.now()));
    }
    one.follower.look();
    two.follower.look();
    assertEquals(0.25, one.cache.report("none", "e").falseHitRate().orElseThrow());
    assertEquals(one.cache.report("none", "e"), two.cache.report("none", "e"));
    // Of the answer that it was made for it counts, but it was no hit.
    judge("id Why do magnets attract?", "m", false);
    one.follower.look();
    assertEquals(4, one.cache.report("none", "e").judged());
    assertEquals(0.25, one.cache.report("none", "e").falseHitRate().orElseThrow());
    assertEquals(Set.of("e"), one.cache.ensembles());
  }

  /** Members that are wrong are no false hits, and neither is whoever asks the same again. */
  @Test
  void whatIsWrongOfItselfIsNoFalseHit() throws InterruptedException {
    keep(one, "Why is it so?", "Glue.");
    one.cache.gave(given(look(one, key("Why is it so?"))), "r1");
    await(() -> rows("cache_given") == 2);
    judge("r1", "m", false);
    judge("id Why is it so?", "m", false);
    one.follower.look();
    assertTrue(one.cache.report("none", "e").falseHitRate().isEmpty());
    assertInstanceOf(Lookup.Missed.class, look(one, key("Why is it so?")), "but it stops it");
  }

  /** The same page is heard every second for a minute. */
  @Test
  void hearingTheSameAgainWritesNothing() throws InterruptedException {
    keep(one, "Why do flags wave?", "Wind.");
    await(() -> rows("cache_given") == 1);
    String request = "id Why do flags wave?";
    Instant then = Instant.parse("2026-01-01T00:00:00Z");
    var right = new Said("k1", request, "e", "m", 1, then);
    var wrong = new Said("k2", request, "e", "m", 0, then.plusSeconds(1));
    judge(right, wrong);
    String written = "xmin::text || change || correct";
    String before = text("select " + written + " from cascade.cache_observation");
    for (int again = 0; again < 3; again++) {
      judge(right, wrong);
      // The end of one page, and the beginning of the next.
      judge(right);
      judge(wrong);
    }
    assertEquals(before, text("select " + written + " from cascade.cache_observation"));
    judge(new Said("k3", request, "e", "m", 1, then.plusSeconds(2)));
    assertEquals(1, rows("cascade.cache_observation", "correct"));
  }

  private static String text(String query) {
    try (Connection connection = database.database().connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** An answer that is wrong for others may be right for its own question. */
  @Test
  void whatIsWrongForOthersIsGivenToItsOwn() throws InterruptedException {
    angle("Why is honey sweet?", 0);
    angle("Why is honey so sweet?", 0);
    keep(one, "Why is honey sweet?", "Sugar.");
    for (String request : List.of("r1", "r2")) {
      Lookup.Given given = given(look(one, key("Why is honey so sweet?")));
      assertEquals(CacheOutcome.CACHE_OUTCOME_SEMANTIC, given.outcome());
      one.cache.gave(given, request);
    }
    await(() -> rows("cache_given") == 3);
    judge("r1", "m", false);
    judge("r2", "m", false);
    one.follower.look();
    assertInstanceOf(Lookup.Missed.class, look(one, key("Why is honey so sweet?")));
    given(look(one, key("Why is honey sweet?")));
  }

  private static void judge(String request, String member, boolean right) {
    judge("e", request, member, right);
  }

  private static void judge(String ensemble, String request, String member, boolean right) {
    judge(new Said("k", request, ensemble, member, right ? 0.75 : 0.25, Instant.now()));
  }

  private static void judge(Said... said) {
    var listener = new CacheFeedback(null, database.database());
    try (Connection connection = database.database().connect()) {
      listener.heard(connection, List.of(said));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** What is asked for anew tells how often it would have been wrong. */
  @Test
  void someAreAskedForAnew() throws InterruptedException {
    angle("Why does iron rust?", 0);
    angle("Why does the iron rust?", 10);
    angle("Why is it that iron does rust?", 20);
    keep(one, "Why does iron rust?", "Oxygen.");
    one.drawn = 0.005;
    var missed = assertInstanceOf(Lookup.Missed.class, look(one, key("Why does the iron rust?")));
    assertEquals(Source.CHECKED, missed.beside().orElseThrow().source());
    CacheEntry same = one.cache.keep(missed, SEMANTIC, "r2", answer("oxygen")).orElseThrow();
    assertEquals(0, same.embedded().vector().length, "its neighbour stands for it");
    missed =
        assertInstanceOf(Lookup.Missed.class, look(one, key("Why is it that iron does rust?")));
    CacheEntry other = one.cache.keep(missed, SEMANTIC, "r3", answer("Water.")).orElseThrow();
    assertEquals(2, other.embedded().vector().length);
    CacheReport report = one.cache.report("none", "e");
    assertEquals(2, report.checked());
    assertEquals(1, report.checkedWrong());
    assertEquals(0, report.judged());
    await(() -> rows("cache_observation") == 2);
  }

  /** With an error bound the members are asked until it is known from where on it is right. */
  @Test
  void anEntryLearnsFromWhereOnItIsRight() {
    CacheSettings bound = settings(OptionalDouble.of(0.1), 1_000);
    angle("Why is blood red?", 0);
    keep(one, key("Why is blood red?"), bound, "Iron.");
    int explored = 0;
    int served = 0;
    for (int i = 0; i < 60; i++) {
      String question = "Why is blood red" + " so".repeat(i + 1) + "?";
      angle(question, 5);
      switch (look(one, key(question), bound)) {
        case Lookup.Missed missed -> {
          assertEquals(Source.EXPLORED, missed.beside().orElseThrow().source());
          assertEquals(0, served, "it was known before");
          one.cache.keep(missed, bound, "r" + i, answer("iron"));
          explored++;
        }
        case Lookup.Given _ -> served++;
      }
    }
    assertTrue(explored >= ServingRule.LEAST, "explored " + explored);
    assertTrue(served > 0, "served " + served);
    // Exploring is no hit.
    assertEquals(0, one.cache.report("none", "e").checked());
  }
}
