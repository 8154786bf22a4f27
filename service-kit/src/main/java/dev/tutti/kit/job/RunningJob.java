package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import java.sql.SQLException;
import java.util.Optional;

/** One attempt at a job, on its thread, and as its runner sees it. */
final class RunningJob implements JobContext {

  private static final int LONGEST_MESSAGE = 500;
  private static final int LONGEST_CHECKPOINT = 64 << 20;

  /** Why the attempt is to stop. */
  enum Stop {
    CANCELLED,
    LOST,
    RELEASED
  }

  private final JobLeases.Claim claim;
  private final JobLeases leases;
  private volatile Optional<byte[]> checkpoint;
  private volatile JobLeases.Progress progress;
  private volatile long beaten = System.nanoTime();
  private volatile Stop stop;
  private Thread thread;

  RunningJob(JobLeases.Claim claim, JobLeases leases) {
    this.claim = claim;
    this.leases = leases;
    this.checkpoint = Optional.ofNullable(claim.checkpoint());
    this.progress = new JobLeases.Progress(claim.job().getDone(), claim.job().getTotal(), "");
  }

  @Override
  public String id() {
    return claim.job().getId();
  }

  @Override
  public Struct parameters() {
    return claim.job().getParameters();
  }

  @Override
  public Optional<byte[]> checkpoint() {
    return checkpoint;
  }

  @Override
  public void progress(long done, long total, String message) {
    if (done < 0 || total < 0) {
      throw new IllegalArgumentException(
          "Progress is %d of %d; both are at least 0.".formatted(done, total));
    }
    // PostgreSQL takes no NUL in a text.
    String clean = message.replace('\0', ' ');
    progress =
        new JobLeases.Progress(
            done,
            total,
            clean.length() <= LONGEST_MESSAGE ? clean : clean.substring(0, LONGEST_MESSAGE));
    checkStopped();
  }

  @Override
  public void commit(Step step) throws SQLException {
    checkStopped();
    byte[][] written = new byte[1][];
    boolean stands =
        leases.commit(
            claim.job(),
            connection -> {
              written[0] = step.write(connection);
              if (written[0].length > LONGEST_CHECKPOINT) {
                throw new IllegalArgumentException(
                    "A checkpoint of %d bytes; at most %d are allowed."
                        .formatted(written[0].length, LONGEST_CHECKPOINT));
              }
              return written[0];
            },
            () -> progress);
    if (!stands) {
      stop(Stop.LOST);
      checkStopped();
    }
    checkpoint = Optional.of(written[0]);
  }

  @Override
  public void checkStopped() {
    Stop reason = stop;
    if (reason != null) {
      throw new JobStoppedException(
          switch (reason) {
            case CANCELLED -> "The job was cancelled.";
            case LOST -> "Another replica has the job.";
            case RELEASED -> "The service ends.";
          });
    }
  }

  JobLeases.Claim claim() {
    return claim;
  }

  JobLeases.Progress progress() {
    return progress;
  }

  /** Why it is to stop; empty where it is not. */
  Optional<Stop> stopReason() {
    return Optional.ofNullable(stop);
  }

  /** Whether its lease has ended. */
  boolean hasLost() {
    return stop == Stop.LOST;
  }

  /** Keeps the lease; stops the attempt where it is wanted to stop, or has lost it. */
  void beat() throws SQLException {
    switch (leases.beat(claim.job(), progress)) {
      case KEPT -> beaten = System.nanoTime();
      case CANCEL -> {
        beaten = System.nanoTime();
        stop(Stop.CANCELLED);
      }
      case LOST -> stop(Stop.LOST);
    }
  }

  /** Nanoseconds since it last kept its lease. */
  long sinceBeat() {
    return System.nanoTime() - beaten;
  }

  /** Asks the attempt to stop; the first reason counts. */
  synchronized void stop(Stop reason) {
    if (stop == null) {
      stop = reason;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** Takes this thread for the attempt. */
  synchronized void begin() {
    thread = Thread.currentThread();
    if (stop != null) {
      thread.interrupt();
    }
  }

  /** Lets the thread go: from here on it is not interrupted any more. */
  synchronized void end() {
    thread = null;
    Thread.interrupted();
  }
}
