package dev.tutti.kit.job;

import com.google.protobuf.Struct;
import dev.tutti.job.v1.JobState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The table {@code job} of a service's schema, as those who start and follow jobs see it; {@link
 * JobLeases} is the side of those who run them.
 */
final class JobTable {

  private static final String SELECT = "select " + JobRow.COLUMNS + " from %s ";

  /** An import may have thousands of refused lines. */
  private static final int MOST_DELETED = 20;

  private final DataSource database;
  private final String table;

  JobTable(DataSource database, String schema) {
    this.database = database;
    this.table = schema + ".job";
  }

  /**
   * A job to be put in the queue.
   *
   * @param key empty for none
   */
  record Start(String id, String kind, String key, String author, Struct parameters, String unit) {}

  /** Puts a job in the queue; empty where its key is taken. */
  Optional<JobRow> insert(Start start) throws SQLException {
    return select(
            "insert into %s (id, kind, key, author, parameters, unit, state)"
                + " values (?, ?, nullif(?, ''), ?, ?::jsonb, ?, 'QUEUED')"
                + " on conflict (kind, key) do nothing returning "
                + JobRow.COLUMNS,
            start.id(),
            start.kind(),
            start.key(),
            start.author(),
            JobRow.json(start.parameters()),
            start.unit())
        .stream()
        .findFirst();
  }

  Optional<JobRow> find(String id) throws SQLException {
    return select(SELECT + "where id = ?", id).stream().findFirst();
  }

  Optional<JobRow> findByKey(String kind, String key) throws SQLException {
    return select(SELECT + "where kind = ? and key = ?", kind, key).stream().findFirst();
  }

  /**
   * Jobs, newest first.
   *
   * @param kind empty for all
   * @param state unspecified for all
   * @param below only those before this number
   */
  List<JobRow> list(String kind, JobState state, long below, int limit) throws SQLException {
    String word = state == JobState.JOB_STATE_UNSPECIFIED ? "" : JobRow.word(state);
    return select(
        SELECT
            + "where number < ? and (? = '' or kind = ?) and (? = '' or state = ?)"
            + " order by number desc limit ?",
        below,
        kind,
        kind,
        word,
        word,
        limit);
  }

  /** Asks a job to stop; one that waits has stopped with it. */
  void cancel(String id) throws SQLException {
    select(
        "update %s set cancel_requested = true, updated_at = now(),"
            + " state = case state when 'QUEUED' then 'CANCELLED' else state end,"
            + " ended_at = case state when 'QUEUED' then now() end,"
            + " checkpoint = case state when 'QUEUED' then null else checkpoint end"
            + " where id = ? and state in ('QUEUED', 'RUNNING') returning "
            + JobRow.COLUMNS,
        id);
  }

  /** Deletes a few jobs that ended before a time, with all that hangs on them. */
  Retention.Step deleteOld(Connection connection, Instant before) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from %1$s where number in (select number from %1$s where ended_at < ? order by number limit ?)"
                .formatted(table))) {
      delete.setTimestamp(1, Timestamp.from(before));
      delete.setInt(2, MOST_DELETED);
      int deleted = delete.executeUpdate();
      return new Retention.Step(deleted, deleted == MOST_DELETED);
    }
  }

  /** How many jobs wait. */
  long waiting() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(*) from %s where state = 'QUEUED'".formatted(table));
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private List<JobRow> select(String sql, Object... values) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql.formatted(table))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      var found = new ArrayList<JobRow>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(JobRow.read(rows));
        }
      }
      return found;
    }
  }
}
