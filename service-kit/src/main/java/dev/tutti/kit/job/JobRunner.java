package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.JobError;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Runs the jobs of one service on this replica: takes jobs that wait, or whose replica is gone,
 * keeps their leases, and stops what is cancelled. It needs no database to start, and takes up its
 * work again when a lost one is back.
 *
 * <p>Jobs run on platform threads: a fit computes for minutes, and a virtual thread that does not
 * wait keeps its carrier from all requests.
 *
 * <p>Metrics: {@code tutti_job_attempt_seconds} by kind and outcome (succeeded, failed, cancelled,
 * again, released, lost), {@code tutti_job_running}, {@code tutti_job_waiting}, {@code
 * tutti_job_database_reachable} (1 or 0).
 */
public final class JobRunner implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(JobRunner.class);

  /** Attempts without a new checkpoint after which a job is given up. */
  private static final int MOST_STALLED = 10;

  private static final int BEATS_PER_LEASE = 20;
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  private static final int LONGEST_TEXT = 500;

  private final Jobs jobs;
  private final JobLeases leases;
  private final int concurrency;
  private final Duration lease;
  private final MeterRegistry meters;
  private final Set<RunningJob> running = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Thread keeper =
      Thread.ofPlatform().name("job-keeper").daemon().unstarted(this::keep);
  private volatile boolean closed;
  private volatile long waiting;
  private volatile State state = new State(false, Instant.now(), "not connected yet");

  /**
   * How the database stands.
   *
   * @param connected whether jobs are taken
   * @param since when it became so
   * @param error why they are not; empty where they are
   */
  public record State(boolean connected, Instant since, String error) {}

  /**
   * A runner that does nothing yet.
   *
   * @param concurrency jobs at once on this replica, at least 1
   * @param lease how long after its last sign of life a replica's jobs are taken over; at least 1
   *     s, usually 10 s. Signs are given, and cancellations seen, twenty times as often
   */
  public JobRunner(Jobs jobs, int concurrency, Duration lease, MeterRegistry meters) {
    if (concurrency < 1 || lease.compareTo(SHORTEST_LEASE) < 0) {
      throw new IllegalArgumentException(
          "%d jobs at once with a lease of %s; at least 1 and %s are allowed."
              .formatted(concurrency, lease, SHORTEST_LEASE));
    }
    this.jobs = jobs;
    this.leases = new JobLeases(jobs.database(), jobs.schema(), lease);
    this.concurrency = concurrency;
    this.lease = lease;
    this.meters = meters;
    Gauge.builder("tutti.job.running", running, Set::size)
        .description("Jobs that this replica works at")
        .register(meters);
    Gauge.builder("tutti.job.waiting", this, r -> r.waiting)
        .description("Jobs of all replicas that wait, as this one last saw it")
        .register(meters);
    Gauge.builder("tutti.job.database.reachable", this, r -> r.state.connected() ? 1 : 0)
        .description("Whether the database answered the last time it was asked for jobs")
        .register(meters);
  }

  /** Begins to take jobs; returns at once. */
  public void start() {
    keeper.start();
  }

  /** How the database stands. */
  public State state() {
    return state;
  }

  /** Takes no more jobs and gives those that run back, for another replica to go on at once. */
  @Override
  public void close() {
    closed = true;
    keeper.interrupt();
    running.forEach(job -> job.stop(RunningJob.Stop.RELEASED));
    try {
      keeper.join(LAST_WAIT);
      // One may have been taken meanwhile.
      running.forEach(job -> job.stop(RunningJob.Stop.RELEASED));
      for (Thread thread : threads) {
        thread.join(LAST_WAIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void keep() {
    Duration tick = lease.dividedBy(BEATS_PER_LEASE);
    while (!closed) {
      try {
        for (RunningJob job : running) {
          // Whoever was told to stop is not to keep the job from others.
          if (!job.hasLost()) {
            job.beat();
          }
        }
        int free = concurrency - running.size();
        if (free > 0) {
          leases.claim(jobs.kinds(), free).forEach(this::begin);
        }
        waiting = jobs.waiting();
        connected();
      } catch (SQLException | RuntimeException | Error e) {
        // Errors too: whatever happens once, jobs must be kept and taken again afterwards.
        disconnected(e);
      }
      for (RunningJob job : running) {
        if (job.sinceBeat() > lease.toNanos()) {
          job.stop(RunningJob.Stop.LOST);
        }
      }
      try {
        jobs.awaitStart(tick);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void begin(JobLeases.Claim claim) {
    var job = new RunningJob(claim, leases);
    running.add(job);
    try {
      Thread.ofPlatform().name("job-" + claim.job().getKind()).daemon().start(() -> attempt(job));
    } catch (Error e) {
      // No thread could be had. Without beats the lease ends, and the job is claimed again.
      running.remove(job);
      throw e;
    }
  }

  private void attempt(RunningJob job) {
    threads.add(Thread.currentThread());
    long start = System.nanoTime();
    Outcome outcome = run(job);
    try {
      end(job, outcome);
    } catch (SQLException | RuntimeException | Error e) {
      // The lease ends, and the job is resumed from its last checkpoint.
      LOG.warnf("The end of job %s could not be written: %s", job.id(), text(e));
    } finally {
      running.remove(job);
      threads.remove(Thread.currentThread());
      Timer.builder("tutti.job.attempt")
          .description("Attempts at jobs")
          .tag("kind", job.claim().job().getKind())
          .tag("outcome", outcome.word())
          .register(meters)
          .record(Duration.ofNanos(System.nanoTime() - start));
      jobs.wake();
    }
  }

  private Outcome run(RunningJob job) {
    job.begin();
    try {
      if (job.claim().job().getCancelRequested()) {
        return new Outcome.Cancelled();
      }
      if (job.claim().stalled() > MOST_STALLED) {
        return failed(
            "STALLED",
            "It was begun %d times without getting further.".formatted(MOST_STALLED),
            "");
      }
      Struct result = jobs.handler(job.claim().job().getKind()).run(job);
      return new Outcome.Succeeded(result);
    } catch (Throwable e) {
      // Errors too, e.g. too little memory: the job has failed, the service goes on.
      return job.stopReason().map(JobRunner::stopped).orElseGet(() -> outcome(job, e));
    } finally {
      job.end();
    }
  }

  private void end(RunningJob job, Outcome outcome) throws SQLException {
    try {
      leases.end(job.claim().job(), job.progress(), outcome);
    } catch (SQLException | RuntimeException e) {
      if (DatabaseLoss.causes(e) || !(outcome instanceof Outcome.Succeeded)) {
        throw e;
      }
      LOG.errorf(e, "The result of job %s cannot be kept", job.id());
      leases.end(
          job.claim().job(),
          job.progress(),
          failed("INTERNAL", "Its result cannot be kept; the reason is in the log.", ""));
    }
  }

  private static Outcome stopped(RunningJob.Stop reason) {
    return switch (reason) {
      case CANCELLED -> new Outcome.Cancelled();
      case RELEASED -> new Outcome.Released();
      case LOST -> new Outcome.Lost();
    };
  }

  private static Outcome outcome(RunningJob job, Throwable e) {
    if (DatabaseLoss.causes(e)) {
      return again(job, "The database is out of reach.", e);
    }
    Failure failure = FailureStatus.fromThrowable(e);
    return switch (failure) {
      case Failure.Unavailable f -> again(job, f.message(), e);
      case Failure.ResourceExhausted f -> again(job, f.message(), e);
      case Failure.DeadlineExceeded f -> again(job, f.message(), e);
      case Failure.InvalidArgument f -> failed(f.reason(), f.message(), f.field());
      case Failure.NotFound f -> failed(f.reason(), f.message(), f.field());
      case Failure.FailedPrecondition f -> failed(f.reason(), f.message(), f.field());
      case Failure.Cancelled _,
          Failure.Unauthenticated _,
          Failure.PermissionDenied _,
          Failure.Internal _ -> {
        LOG.errorf(e, "Job %s (%s) ended with a fault", job.id(), job.claim().job().getKind());
        yield failed("INTERNAL", "An internal fault; it is in the service's log.", "");
      }
    };
  }

  private static Outcome again(RunningJob job, String why, Throwable e) {
    int tries = job.claim().stalled();
    if (tries >= MOST_STALLED) {
      return failed("UNAVAILABLE", cut("Given up after %d tries: %s".formatted(tries, why)), "");
    }
    LOG.warnf("Job %s waits for another try: %s", job.id(), text(e));
    Duration wait = Duration.ofSeconds(1L << tries);
    return new Outcome.Again(
        wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT,
        cut("Waits for another try: " + why));
  }

  private static Outcome failed(String reason, String message, String field) {
    return new Outcome.Failed(
        JobError.newBuilder()
            .setReason(reason)
            .setMessage(cut(message))
            .setField(cut(field))
            .build());
  }

  private static String cut(String text) {
    String clean = text.replace('\0', ' ');
    return clean.length() <= LONGEST_TEXT ? clean : clean.substring(0, LONGEST_TEXT);
  }

  private void connected() {
    if (!state.connected()) {
      LOG.info("Jobs are taken");
      state = new State(true, Instant.now(), "");
    }
  }

  private void disconnected(Throwable e) {
    State before = state;
    if (before.connected() && !closed) {
      LOG.infof("No jobs are taken: %s", text(e));
    }
    state =
        new State(
            false,
            before.connected() ? Instant.now() : before.since(),
            "The database is out of reach.");
  }

  /** First line of a fault, without what was being written. */
  private static String text(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return cut(message.lines().findFirst().orElse(""));
  }
}
