package dev.tutti.kit.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.tutti.deploy.SecuredPostgres;
import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobServiceGrpc;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.job.v1.WatchRequest;
import dev.tutti.job.v1.WatchResponse;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs on a real database; replicas are runners in one process, and one dies by being cut off. */
class JobTest {

  private static final Duration LEASE = Duration.ofSeconds(1);

  private static SecuredPostgres server;

  private final SwitchedSource first = new SwitchedSource(server.database());
  private final SwitchedSource second = new SwitchedSource(server.database());
  private final Counting counting = new Counting();
  private final List<JobRunner> runners = new ArrayList<>();
  private final Jobs jobs = new Jobs(first, "unit", List.of(counting));
  private final Jobs others = new Jobs(second, "unit", List.of(counting));

  @BeforeAll
  static void startServer() throws IOException {
    server = SecuredPostgres.startEmpty();
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void makeTables() throws SQLException, IOException {
    try (InputStream sql = Jobs.class.getResourceAsStream("/db/migration/R__job.sql")) {
      execute(
          "drop schema if exists unit cascade; create schema unit; set search_path = unit; "
              + new String(sql.readAllBytes(), StandardCharsets.UTF_8)
              + "; create table unit.counted (job text, number bigint)");
    }
  }

  @AfterEach
  void stopRunners() {
    counting.steps.release(1_000_000);
    runners.forEach(JobRunner::close);
  }

  /** Counts to {@code to}: writes each number as a row, and waits for a permit before each. */
  private final class Counting implements JobHandler {

    final Semaphore steps = new Semaphore(0);
    final AtomicInteger atOnce = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    volatile RuntimeException fault;
    volatile Runnable checked = () -> {};
    volatile CountDownLatch deaf;

    @Override
    public String kind() {
      return "counting";
    }

    @Override
    public String unit() {
      return "numbers";
    }

    @Override
    public void check(Struct parameters) {
      if (!parameters.containsFields("to")) {
        throw Failure.invalid("parameters.to", "to is required.");
      }
      checked.run();
    }

    @Override
    public Struct run(JobContext job) throws Exception {
      mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      try {
        return count(job);
      } finally {
        atOnce.decrementAndGet();
      }
    }

    private Struct count(JobContext job) throws Exception {
      long to = (long) job.parameters().getFieldsOrThrow("to").getNumberValue();
      long begin = job.checkpoint().map(b -> Long.parseLong(new String(b))).orElse(0L);
      for (long number = begin + 1; number <= to; number++) {
        CountDownLatch latch = deaf;
        if (latch != null) {
          awaitDeaf(latch);
        } else {
          steps.acquire();
        }
        if (fault != null) {
          RuntimeException now = fault;
          fault = null;
          throw now;
        }
        long current = number;
        job.progress(current, to, "at " + current);
        job.commit(
            connection -> {
              try (Statement insert = connection.createStatement()) {
                insert.executeUpdate(
                    "insert into unit.counted values ('%s', %d)".formatted(job.id(), current));
              }
              return Long.toString(current).getBytes();
            });
      }
      return struct("counted", to);
    }

    /** Work that hears no interrupt. */
    private void awaitDeaf(CountDownLatch latch) {
      while (true) {
        try {
          latch.await();
          return;
        } catch (InterruptedException e) {
          // Deaf.
        }
      }
    }
  }

  private static Struct struct(String name, double value) {
    return Struct.newBuilder()
        .putFields(name, Value.newBuilder().setNumberValue(value).build())
        .build();
  }

  private static StartRequest.Builder counting(int to) {
    return StartRequest.newBuilder().setKind("counting").setParameters(struct("to", to));
  }

  private JobRunner runner(Jobs of) {
    var runner = new JobRunner(of, 2, LEASE, new SimpleMeterRegistry());
    runners.add(runner);
    runner.start();
    return runner;
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = server.database().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<Long> counted(String job) {
    try (Connection connection = server.database().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select number from unit.counted where job = '%s' order by ctid".formatted(job))) {
      var numbers = new ArrayList<Long>();
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
      return numbers;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not within 15 s");
      Thread.sleep(10);
    }
  }

  private Job awaitState(String id, JobState state) throws InterruptedException {
    await(() -> others.get(id).getState() == state);
    return others.get(id);
  }

  @Test
  void aJobRunsWithProgressToItsResult() throws Exception {
    Job queued = jobs.start(counting(3).setAuthor("ada").build());
    assertEquals(JobState.JOB_STATE_QUEUED, queued.getState());
    assertEquals("ada", queued.getAuthor());
    assertFalse(queued.hasStartedAt());
    runner(jobs);
    counting.steps.release(2);
    await(() -> jobs.get(queued.getId()).getDone() == 2);
    Job running = jobs.get(queued.getId());
    assertEquals(JobState.JOB_STATE_RUNNING, running.getState());
    assertEquals(3, running.getTotal());
    assertEquals("numbers", running.getUnit());
    assertEquals("at 2", running.getMessage());
    counting.steps.release();
    Job done = awaitState(queued.getId(), JobState.JOB_STATE_SUCCEEDED);
    assertEquals(struct("counted", 3), done.getResult());
    assertEquals(1, done.getAttempts());
    assertTrue(done.hasStartedAt() && done.hasEndedAt() && done.hasCreatedAt());
    assertEquals(List.of(1L, 2L, 3L), counted(done.getId()));
  }

  @Test
  void aKeyStartsOnce() {
    Job started = jobs.start(counting(1).setKey("k").build());
    assertEquals(started.getId(), others.start(counting(1).setKey("k").build()).getId());
    assertTrue(others.begin(counting(1).setKey("k").build()).before());
    assertFalse(others.begin(counting(1).setKey("l").build()).before());
    assertNotEquals(started.getId(), jobs.start(counting(1).build()).getId());
    FailureException taken =
        assertThrows(FailureException.class, () -> jobs.start(counting(2).setKey("k").build()));
    assertEquals("JOB_KEY_TAKEN", ((Failure.FailedPrecondition) taken.failure()).reason());
  }

  @Test
  void whatWasStartedIsNotCheckedAgain() {
    Job started = jobs.start(counting(1).setKey("k").build());
    counting.checked =
        () -> {
          throw Failure.invalid("parameters.to", "Nothing is left to count.");
        };
    assertEquals(started.getId(), others.start(counting(1).setKey("k").build()).getId());
    assertRefused("parameters.to", counting(1));
  }

  @Test
  void whoLeavesWhileItIsCheckedStartsNothing() throws Exception {
    var call = io.grpc.Context.current().withCancellation();
    counting.checked = () -> call.cancel(null);
    assertThrows(CancelledException.class, () -> call.call(() -> jobs.start(counting(1).build())));
    assertEquals(0, jobs.list(ListRequest.getDefaultInstance()).getJobsCount());
  }

  @Test
  void whatCannotWorkIsRefusedAtTheStart() {
    assertRefused("kind", StartRequest.newBuilder().setKind("flying"));
    assertRefused("parameters.to", StartRequest.newBuilder().setKind("counting"));
    assertRefused("key", counting(1).setKey("ä"));
    assertRefused("author", counting(1).setAuthor("a".repeat(129)));
    assertRefused("parameters", counting(1).setParameters(struct("to", Double.NaN)));
    Value large = Value.newBuilder().setStringValue("x".repeat(70_000)).build();
    assertRefused(
        "parameters", counting(1).setParameters(Struct.newBuilder().putFields("to", large)));
    assertEquals(0, jobs.list(ListRequest.getDefaultInstance()).getJobsCount());
  }

  private void assertRefused(String field, StartRequest.Builder request) {
    FailureException refused =
        assertThrows(FailureException.class, () -> jobs.start(request.build()));
    assertEquals(field, ((Failure.InvalidArgument) refused.failure()).field());
  }

  @Test
  void listsArePagedNewestFirst() {
    var started = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      started.addFirst(jobs.start(counting(1).build()).getId());
    }
    jobs.cancel(started.get(2));
    var listed = new ArrayList<String>();
    String token = "";
    do {
      ListResponse page =
          jobs.list(ListRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      page.getJobsList().forEach(job -> listed.add(job.getId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertEquals(started, listed);
    String second = jobs.list(ListRequest.getDefaultInstance()).getTokensAfter(1);
    assertEquals(
        started.get(2),
        jobs.list(ListRequest.newBuilder().setPageToken(second).build()).getJobs(0).getId());
    ListResponse cancelled =
        jobs.list(ListRequest.newBuilder().setState(JobState.JOB_STATE_CANCELLED).build());
    assertEquals(started.get(2), cancelled.getJobs(0).getId());
    assertEquals(1, cancelled.getJobsCount());
    for (ListRequest.Builder wrong :
        List.of(
            ListRequest.newBuilder().setPageSize(201),
            ListRequest.newBuilder().setKind("flying"),
            ListRequest.newBuilder().setKind("counting\0"),
            ListRequest.newBuilder().setPageToken("x"))) {
      assertThrows(FailureException.class, () -> jobs.list(wrong.build()));
    }
  }

  @Test
  void whatWaitsIsCancelledAtOnceAndWhatRunsSoon() throws Exception {
    Job waiting = jobs.start(counting(5).build());
    assertEquals(JobState.JOB_STATE_CANCELLED, jobs.cancel(waiting.getId()).getState());
    runner(jobs);
    Job running = jobs.start(counting(5).build());
    counting.steps.release(2);
    await(() -> counted(running.getId()).size() == 2);
    long start = System.nanoTime();
    // By another replica.
    assertTrue(others.cancel(running.getId()).getCancelRequested());
    Job cancelled = awaitState(running.getId(), JobState.JOB_STATE_CANCELLED);
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2));
    assertTrue(cancelled.hasEndedAt());
    assertEquals(List.of(1L, 2L), counted(running.getId()));
    assertEquals(cancelled, jobs.cancel(running.getId()));
    assertThrows(FailureException.class, () -> jobs.cancel("nobody"));
  }

  @Test
  void aJobOfADeadReplicaIsResumedFromItsCheckpoint() throws Exception {
    JobRunner dying = runner(jobs);
    Job job = jobs.start(counting(5).build());
    counting.steps.release(2);
    await(() -> counted(job.getId()).size() == 2);
    // Its database is out of reach for it: the lease ends, and with it the attempt.
    first.cut = true;
    await(() -> !dying.state().connected());
    runner(others);
    await(() -> others.get(job.getId()).getAttempts() == 2);
    counting.steps.release(100);
    Job done = awaitState(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L), counted(job.getId()));
    assertEquals(2, done.getAttempts());
    first.cut = false;
    await(() -> dying.state().connected());
  }

  @Test
  void whoLostItsLeaseWritesNothing() throws Exception {
    var release = new CountDownLatch(1);
    counting.deaf = release;
    runner(jobs);
    Job job = jobs.start(counting(3).build());
    await(() -> counting.atOnce.get() == 1);
    first.cut = true;
    // Nobody has the job while it seems to be run.
    await(() -> jobsOf(others).getAttempts() == 1 && leaseEnded());
    counting.deaf = null;
    runner(others);
    await(() -> others.get(job.getId()).getAttempts() == 2);
    counting.steps.release();
    await(() -> counted(job.getId()).size() == 1);
    // The first one comes back to life and goes on as if nothing had happened.
    first.cut = false;
    release.countDown();
    await(() -> counting.atOnce.get() == 1);
    assertEquals(List.of(1L), counted(job.getId()));
    counting.steps.release(2);
    awaitState(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    assertEquals(List.of(1L, 2L, 3L), counted(job.getId()));
  }

  @Test
  void whoFollowsAJobReadsNoCheckpoint() throws Exception {
    Job job = jobs.start(counting(1).setKey("k").build());
    // A column whose reading is a fault, instead of 64 MiB a look.
    execute(
        """
        alter table unit.job rename to kept;
        create function unit.forbidden(id text) returns bytea stable language plpgsql
          as $$ begin raise exception 'the checkpoint was read'; end $$;
        create view unit.job as select %s, unit.forbidden(id) as checkpoint from unit.kept
        """
            .formatted(JobRow.COLUMNS));
    assertEquals(job, jobs.get(job.getId()));
    assertEquals(job, jobs.start(counting(1).setKey("k").build()));
    assertEquals(job, jobsOf(jobs));
  }

  private static Job jobsOf(Jobs jobs) {
    return jobs.list(ListRequest.getDefaultInstance()).getJobs(0);
  }

  private static boolean leaseEnded() {
    return anyJob("lease_until < now()");
  }

  private static boolean anyJob(String condition) {
    try (Connection connection = server.database().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select 1 from unit.job where " + condition)) {
      return rows.next();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As if their replicas had been silent for long. */
  private static void endLeases() throws SQLException {
    execute("update unit.job set lease_until = now() - interval '1 second'");
  }

  /** Number of the server's process that answers a connection. */
  private static int process(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static boolean isAtWork(int process) throws SQLException {
    try (Connection connection = server.database().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select 1 from pg_stat_activity where pid = " + process)) {
      return rows.next();
    }
  }

  @Test
  void theFenceRefusesAnOlderAttempt() throws Exception {
    var leases = new JobLeases(first, "unit", Duration.ofMinutes(1));
    Job job = jobs.start(counting(1).build());
    JobLeases.Claim old = leases.claim(jobs.kinds(), 1).getFirst();
    endLeases();
    JobLeases.Claim fresh = leases.claim(jobs.kinds(), 1).getFirst();
    assertEquals(job.getId(), fresh.job().getId());
    var progress = new JobLeases.Progress(1, 1, "");
    var written = new AtomicInteger();
    assertFalse(
        leases.commit(
            old.job(),
            connection -> {
              written.incrementAndGet();
              try (Statement insert = connection.createStatement()) {
                insert.executeUpdate("insert into unit.counted values ('fenced', 1)");
              }
              return new byte[0];
            },
            () -> progress));
    assertEquals(1, written.get());
    assertEquals(List.of(), counted("fenced"));
    assertEquals(JobLeases.Beat.LOST, leases.beat(old.job(), progress));
    leases.end(old.job(), progress, new Outcome.Succeeded(Struct.getDefaultInstance()));
    assertEquals(JobState.JOB_STATE_RUNNING, jobs.get(job.getId()).getState());
    leases.end(fresh.job(), progress, new Outcome.Succeeded(Struct.getDefaultInstance()));
    assertEquals(JobState.JOB_STATE_SUCCEEDED, jobs.get(job.getId()).getState());
  }

  @Test
  void aStepThatRefersToItsJobDoesNotKeepItFromOthers() throws Exception {
    execute("create table unit.remark (job text references unit.job (id))");
    var leases = new JobLeases(first, "unit", Duration.ofMinutes(1));
    Job job = jobs.start(counting(1).build());
    JobLeases.Claim old = leases.claim(jobs.kinds(), 1).getFirst();
    var progress = new JobLeases.Progress(1, 1, "");
    var claimed = new ArrayList<JobLeases.Claim>();
    boolean stands =
        leases.commit(
            old.job(),
            connection -> {
              try (Statement insert = connection.createStatement()) {
                insert.executeUpdate(
                    "insert into unit.remark values ('%s')".formatted(job.getId()));
              }
              // The replica is silent here, and the lease ends.
              endLeases();
              claimed.addAll(leases.claim(jobs.kinds(), 1));
              return new byte[0];
            },
            () -> progress);
    assertEquals(1, claimed.size());
    assertFalse(stands);
  }

  @Test
  void theLocksOfASilentReplicaEndSoonAfterItsLease() throws Exception {
    var leases = new JobLeases(first, "unit", Duration.ofMillis(100));
    jobs.start(counting(1).build());
    Job job = leases.claim(jobs.kinds(), 1).getFirst().job();
    var progress = new JobLeases.Progress(1, 1, "");
    SQLException ended =
        assertThrows(
            SQLException.class,
            () ->
                leases.commit(
                    job,
                    connection -> {
                      int process = process(connection);
                      while (isAtWork(process)) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                      }
                      return new byte[0];
                    },
                    () -> progress));
    assertTrue(DatabaseLoss.causes(ended), ended.toString());
  }

  @Test
  void twoReplicasShareTheQueueAndEachJobRunsOnce() throws Exception {
    var started = new ArrayList<String>();
    for (int i = 0; i < 12; i++) {
      started.add(jobs.start(counting(3).build()).getId());
    }
    counting.steps.release(1_000);
    runner(jobs);
    runner(others);
    for (String id : started) {
      Job done = awaitState(id, JobState.JOB_STATE_SUCCEEDED);
      assertEquals(1, done.getAttempts());
      assertEquals(List.of(1L, 2L, 3L), counted(id));
    }
    assertTrue(counting.mostAtOnce.get() <= 4, "two replicas of two");
  }

  @Test
  void aFaultFailsTheJobAndWhatIsAwayIsTriedAgain() throws Exception {
    runner(jobs);
    counting.fault = new IllegalStateException("a fault with its secrets");
    Job faulty = jobs.start(counting(1).build());
    counting.steps.release();
    Job failed = awaitState(faulty.getId(), JobState.JOB_STATE_FAILED);
    assertEquals("INTERNAL", failed.getError().getReason());
    assertFalse(failed.getError().getMessage().contains("secrets"));

    counting.fault = Failure.invalid("parameters.to", "There are no members.");
    Job refused = jobs.start(counting(1).build());
    counting.steps.release();
    failed = awaitState(refused.getId(), JobState.JOB_STATE_FAILED);
    assertEquals("parameters.to", failed.getError().getField());
    assertEquals("There are no members.", failed.getError().getMessage());

    counting.fault = new Failure.Unavailable("AWAY", "The registry is away.").exception();
    Job patient = jobs.start(counting(1).build());
    counting.steps.release();
    await(() -> jobs.get(patient.getId()).getMessage().contains("The registry is away."));
    counting.steps.release();
    Job done = awaitState(patient.getId(), JobState.JOB_STATE_SUCCEEDED);
    assertEquals(2, done.getAttempts());
  }

  @Test
  void whatWaitsForAnotherTryIsCancelledWithoutALeftover() throws Exception {
    var leases = new JobLeases(first, "unit", LEASE);
    Job job = jobs.start(counting(1).build());
    JobLeases.Claim claim = leases.claim(jobs.kinds(), 1).getFirst();
    var progress = new JobLeases.Progress(0, 1, "");
    leases.commit(claim.job(), _ -> new byte[] {1}, () -> progress);
    leases.end(claim.job(), progress, new Outcome.Again(Duration.ofMinutes(5), "Waits."));
    assertTrue(anyJob("checkpoint is not null"));
    assertEquals(JobState.JOB_STATE_CANCELLED, jobs.cancel(job.getId()).getState());
    assertFalse(anyJob("checkpoint is not null"));
  }

  @Test
  void aCancellationThatMeetsTheEndOfAnAttemptIsNotPutOff() throws Exception {
    var progress = new JobLeases.Progress(0, 1, "");
    for (Outcome outcome :
        List.of(new Outcome.Again(Duration.ofMinutes(5), "Waits."), new Outcome.Released())) {
      var leases = new JobLeases(first, "unit", LEASE);
      Job job = jobs.start(counting(1).build());
      JobLeases.Claim claim = leases.claim(jobs.kinds(), 1).getFirst();
      // After the last beat of the attempt, which has not heard of it.
      assertEquals(JobState.JOB_STATE_RUNNING, jobs.cancel(job.getId()).getState());
      leases.end(claim.job(), progress, outcome);
      Job ended = jobs.get(job.getId());
      assertEquals(JobState.JOB_STATE_CANCELLED, ended.getState());
      assertTrue(ended.hasEndedAt());
    }
  }

  @Test
  void aReplicaThatEndsGivesItsJobsBack() throws Exception {
    JobRunner ending = runner(jobs);
    Job job = jobs.start(counting(2).build());
    counting.steps.release();
    await(() -> counted(job.getId()).size() == 1);
    ending.close();
    assertEquals(JobState.JOB_STATE_QUEUED, jobs.get(job.getId()).getState());
    runner(others);
    counting.steps.release();
    awaitState(job.getId(), JobState.JOB_STATE_SUCCEEDED);
    assertEquals(List.of(1L, 2L), counted(job.getId()));
  }

  @Test
  void aJobThatNeverGetsFurtherIsGivenUp() throws Exception {
    Job job = jobs.start(counting(1).build());
    var leases = new JobLeases(first, "unit", Duration.ofMinutes(1));
    for (int i = 0; i < 10; i++) {
      leases.claim(jobs.kinds(), 1);
      endLeases();
    }
    runner(jobs);
    Job failed = awaitState(job.getId(), JobState.JOB_STATE_FAILED);
    assertEquals("STALLED", failed.getError().getReason());
  }

  @Test
  void aRunnerThatCouldRunNothingIsRefused() {
    var meters = new SimpleMeterRegistry();
    assertThrows(IllegalArgumentException.class, () -> new JobRunner(jobs, 0, LEASE, meters));
    assertThrows(
        IllegalArgumentException.class, () -> new JobRunner(jobs, 1, LEASE.minusMillis(1), meters));
  }

  @Test
  void withoutTheDatabaseAllIsUnavailableAndTheRunnerTellsIt() throws Exception {
    first.cut = true;
    JobRunner runner = runner(jobs);
    for (Runnable call :
        List.<Runnable>of(
            () -> jobs.get("x"),
            () -> jobs.start(counting(1).build()),
            () -> jobs.list(ListRequest.getDefaultInstance()),
            () -> jobs.cancel("x"))) {
      FailureException lost = assertThrows(FailureException.class, call::run);
      assertEquals("DATABASE_UNREACHABLE", lost.failure().reason());
    }
    assertFalse(runner.state().connected());
    first.cut = false;
    await(() -> runner.state().connected());
    counting.steps.release();
    awaitState(jobs.start(counting(1).build()).getId(), JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aWatcherLooksTwiceASecondHoweverOftenTheJobChanges() throws Exception {
    runner(jobs);
    Job job = jobs.start(counting(20).build());
    var feeder =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    counting.steps.release();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(60));
                  }
                });
    var seen = new ArrayList<Job>();
    long start = System.nanoTime();
    others.watch(job.getId(), seen::add);
    long looks = 2 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 500;
    assertTrue(second.taken.get() <= looks, second.taken + " looks, at most " + looks);
    assertEquals(JobState.JOB_STATE_SUCCEEDED, seen.getLast().getState());
    feeder.join();
  }

  @Test
  void theContractIsServed() throws Exception {
    var grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new JobEndpoint(jobs) {})
            .build()
            .start();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpc.getPort()).usePlaintext().build();
    try {
      var stub = JobServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
      Job job = stub.start(counting(3).build()).getJob();
      var watched = stub.watch(WatchRequest.newBuilder().setId(job.getId()).build());
      assertEquals(JobState.JOB_STATE_QUEUED, watched.next().getJob().getState());
      counting.steps.release(3);
      runner(jobs);
      Job last = job;
      while (watched.hasNext()) {
        WatchResponse response = watched.next();
        assertTrue(response.getJob().getDone() >= last.getDone());
        last = response.getJob();
      }
      assertEquals(JobState.JOB_STATE_SUCCEEDED, last.getState());
      StatusRuntimeException unknown =
          assertThrows(
              StatusRuntimeException.class,
              () -> stub.watch(WatchRequest.newBuilder().setId("nobody").build()).next());
      assertEquals("JOB_NOT_FOUND", FailureStatus.fromThrowable(unknown).reason());
    } finally {
      channel.shutdownNow();
      grpc.shutdownNow();
    }
  }
}
