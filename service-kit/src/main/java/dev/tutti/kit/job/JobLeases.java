package dev.tutti.kit.job;

import dev.tutti.job.v1.Job;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * The table {@code job}, as those who run jobs see it. Whoever claims a job has it until its lease
 * ends, and keeps it by beats. The attempt's number is the fence: what an older attempt writes is
 * refused.
 */
final class JobLeases {

  private static final Logger LOG = Logger.getLogger(JobLeases.class);
  private static final String FENCE = " where id = ? and attempts = ? and state = 'RUNNING'";

  private static final int LEASES_OF_SILENCE = 3;

  private final DataSource database;
  private final String table;
  private final Duration lease;

  JobLeases(DataSource database, String schema, Duration lease) {
    this.database = database;
    this.table = schema + ".job";
    this.lease = lease;
  }

  /**
   * A claimed job.
   *
   * @param checkpoint null where there is none
   * @param stalled attempts since the last checkpoint, this one included
   */
  record Claim(Job job, byte[] checkpoint, int stalled) {}

  /** How far a job is, as it will be written. */
  record Progress(long done, long total, String message) {}

  /** What a beat found. */
  enum Beat {
    /** The lease goes on. */
    KEPT,
    /** So it does, but somebody wants the job stopped. */
    CANCEL,
    /** Another attempt has the job, or it has ended. */
    LOST
  }

  /**
   * Takes the oldest jobs that wait or whose lease has ended. Rows of a step that refer to its job
   * (a foreign key) hold its key, and must not keep it from others.
   */
  List<Claim> claim(Set<String> kinds, int limit) throws SQLException {
    String sql =
        """
        with next as materialized (
          select id from %1$s
          where kind = any (?)
            and (state = 'QUEUED' and not_before <= now() or state = 'RUNNING' and lease_until < now())
          order by number limit ? for no key update skip locked)
        update %1$s job set state = 'RUNNING', attempts = attempts + 1, stalled = stalled + 1,
          lease_until = now() + ? * interval '1 millisecond', updated_at = now(),
          started_at = coalesce(started_at, now())
        from next where job.id = next.id returning job.*"""
            .formatted(table);
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", kinds.toArray()));
      statement.setInt(2, limit);
      statement.setLong(3, lease.toMillis());
      var claims = new ArrayList<Claim>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          claims.add(
              new Claim(
                  JobRow.read(rows).job(), rows.getBytes("checkpoint"), rows.getInt("stalled")));
        }
      }
      return claims;
    }
  }

  /** Keeps the lease and tells the progress. */
  Beat beat(Job job, Progress progress) throws SQLException {
    String sql =
        "update %s set lease_until = now() + ? * interval '1 millisecond', done = ?, total = ?, message = ?,"
            + " updated_at = case when (done, total, message) = (?, ?, ?) then updated_at else now() end"
            + FENCE
            + " returning cancel_requested";
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql.formatted(table))) {
      statement.setLong(1, lease.toMillis());
      setProgress(statement, 2, progress);
      setProgress(statement, 5, progress);
      setFence(statement, 8, job);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          return Beat.LOST;
        }
        return rows.getBoolean(1) ? Beat.CANCEL : Beat.KEPT;
      }
    }
  }

  /**
   * Runs a step and writes its checkpoint in the same transaction. The fence stands at the end: so
   * the row is locked for a moment only, and beats do not wait for a long step. The database ends a
   * transaction whose replica is silent for some leases: else the locks of a host that is gone
   * would outlive it by hours, and with them whoever took its job over would wait.
   *
   * @param progress as it is after the step
   * @return whether it stands; nothing does where the lease is lost
   */
  boolean commit(Job job, JobContext.Step step, Supplier<Progress> progress) throws SQLException {
    String sql =
        "update %s set checkpoint = ?, stalled = 0, done = ?, total = ?, message = ?,"
            + " updated_at = now()"
            + FENCE;
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      boundSilence(connection);
      try (PreparedStatement statement = connection.prepareStatement(sql.formatted(table))) {
        statement.setBytes(1, step.write(connection));
        setProgress(statement, 2, progress.get());
        setFence(statement, 5, job);
        boolean fenced = statement.executeUpdate() == 1;
        if (fenced) {
          connection.commit();
        } else {
          connection.rollback();
        }
        return fenced;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      } finally {
        restore(connection);
      }
    }
  }

  private void boundSilence(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "set local idle_in_transaction_session_timeout = "
              + lease.multipliedBy(LEASES_OF_SILENCE).toMillis());
    }
  }

  /** Writes how the attempt ended; nothing where the lease is lost. */
  void end(Job job, Progress progress, Outcome outcome) throws SQLException {
    switch (outcome) {
      case Outcome.Succeeded o -> {
        String result = JobRow.json(o.result());
        end(job, progress, "SUCCEEDED", result, null, null, null);
      }
      case Outcome.Failed o ->
          end(
              job,
              progress,
              "FAILED",
              null,
              o.error().getReason(),
              o.error().getMessage(),
              o.error().getField());
      case Outcome.Cancelled _ -> end(job, progress, "CANCELLED", null, null, null, null);
      case Outcome.Again o ->
          requeue(
              job,
              new Progress(progress.done(), progress.total(), o.message()),
              o.delay(),
              "stalled");
      case Outcome.Released _ -> requeue(job, progress, Duration.ZERO, "stalled - 1");
      case Outcome.Lost _ -> {
        // It is another one's.
      }
    }
  }

  private void end(
      Job job,
      Progress progress,
      String state,
      String result,
      String reason,
      String message,
      String field)
      throws SQLException {
    String sql =
        "update %s set state = ?, result = ?::jsonb, error_reason = ?, error_message = ?, error_field = ?,"
            + " done = ?, total = ?, message = ?, checkpoint = null, lease_until = null,"
            + " updated_at = now(), ended_at = now()"
            + FENCE;
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql.formatted(table))) {
      statement.setString(1, state);
      statement.setString(2, result);
      statement.setString(3, reason);
      statement.setString(4, message);
      statement.setString(5, field);
      setProgress(statement, 6, progress);
      setFence(statement, 9, job);
      statement.executeUpdate();
    }
  }

  /** Puts the job back; one that somebody wants stopped has stopped with it. */
  private void requeue(Job job, Progress progress, Duration wait, String stalled)
      throws SQLException {
    String sql =
        "update %s set state = case when cancel_requested then 'CANCELLED' else 'QUEUED' end,"
            + " ended_at = case when cancel_requested then now() end,"
            + " checkpoint = case when cancel_requested then null else checkpoint end,"
            + " lease_until = null, done = ?, total = ?, message = ?,"
            + " not_before = now() + ? * interval '1 millisecond', updated_at = now(), stalled = "
            + stalled
            + FENCE;
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql.formatted(table))) {
      setProgress(statement, 1, progress);
      statement.setLong(4, wait.toMillis());
      setFence(statement, 5, job);
      statement.executeUpdate();
    }
  }

  private static void setProgress(PreparedStatement statement, int first, Progress progress)
      throws SQLException {
    statement.setLong(first, progress.done());
    statement.setLong(first + 1, progress.total());
    statement.setString(first + 2, progress.message());
  }

  private static void setFence(PreparedStatement statement, int first, Job job)
      throws SQLException {
    statement.setString(first, job.getId());
    statement.setInt(first + 1, job.getAttempts());
  }

  /**
   * Takes the step back. Where that fails the connection broke within the step, whatever the driver
   * threw then: in a batch it is an AssertionError.
   */
  private static void rollback(Connection connection, Throwable cause) throws SQLException {
    try {
      connection.rollback();
    } catch (SQLException e) {
      var broken = new SQLException("The connection broke within a step.", "08006", cause);
      broken.addSuppressed(e);
      throw broken;
    }
  }

  /** A connection of a pool goes back as it came. */
  private static void restore(Connection connection) {
    try {
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      // It is broken, and the pool drops it.
      LOG.debug("A connection is broken", e);
    }
  }
}
