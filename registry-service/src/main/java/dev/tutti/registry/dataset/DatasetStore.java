package dev.tutti.registry.dataset;

import com.google.protobuf.Timestamp;
import dev.tutti.registry.Author;
import dev.tutti.registry.IfMatch;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.DatasetSlice;
import dev.tutti.registry.v1.RecordedQuery;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** The datasets, read; {@link DatasetChange} writes them. All methods block. */
@ApplicationScoped
public class DatasetStore {

  private static final String COLUMNS =
      "select name, revision, fingerprint, queries, cost_unit, created_at, updated_at"
          + " from registry.dataset ";

  /** Rows that the driver holds at once. */
  private static final int FETCHED = 25;

  /** Longest wait for the database where a dataset is deleted: it may have a million queries. */
  private static final int DELETE_MILLIS = 300_000;

  /** The kinds of jobs that write into datasets; of each the parameter {@code dataset} names it. */
  public static final List<String> WRITING =
      List.of(ImportHandler.KIND, "record", "record-decisions");

  private final DataSource database;

  DatasetStore(DataSource database) {
    this.database = database;
  }

  /**
   * Datasets by name, without slices and members.
   *
   * @param after only names beyond this one; empty for all
   */
  public List<Dataset> list(String after, int limit) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                COLUMNS + "where name collate \"C\" > ? order by name collate \"C\" limit ?")) {
      select.setString(1, after);
      select.setInt(2, limit);
      var found = new ArrayList<Dataset>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(dataset(rows).build());
        }
      }
      return found;
    }
  }

  /** One dataset, whole, as it is at one revision. */
  public Optional<Dataset> find(String name) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Transactions.run(
          connection,
          () -> {
            try (PreparedStatement isolation =
                connection.prepareStatement(
                    "set transaction isolation level repeatable read, read only")) {
              isolation.execute();
            }
            return find(connection, name);
          });
    }
  }

  private static Optional<Dataset> find(Connection connection, String name) throws SQLException {
    Dataset.Builder dataset;
    try (PreparedStatement select = connection.prepareStatement(COLUMNS + "where name = ?")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        dataset = dataset(row);
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "select set, split, queries from registry.dataset_slice"
                + " where dataset = ? and queries > 0 order by set, split")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          dataset.addSlices(
              DatasetSlice.newBuilder()
                  .setSet(rows.getString(1))
                  .setSplit(rows.getString(2))
                  .setQueries(rows.getLong(3)));
        }
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "select member, outcomes, score_sum / outcomes from registry.dataset_member"
                + " where dataset = ? and outcomes > 0 order by member")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          dataset.addMembers(
              DatasetMember.newBuilder()
                  .setMember(rows.getString(1))
                  .setOutcomes(rows.getLong(2))
                  .setMeanScore(rows.getDouble(3)));
        }
      }
    }
    return Optional.of(dataset.build());
  }

  private static Dataset.Builder dataset(ResultSet row) throws SQLException {
    return Dataset.newBuilder()
        .setName(row.getString("name"))
        .setRevision(row.getLong("revision"))
        .setFingerprint(HexFormat.of().formatHex(row.getBytes("fingerprint")))
        .setQueries(row.getLong("queries"))
        .setCostUnit(CostUnit.valueOf(row.getString("cost_unit")))
        .setCreatedAt(time(row, "created_at"))
        .setUpdatedAt(time(row, "updated_at"));
  }

  private static Timestamp time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return Timestamp.newBuilder().setSeconds(time.toEpochSecond()).setNanos(time.getNano()).build();
  }

  /** The dataset that changed last among those in which all of these members answered something. */
  public Optional<String> holding(Collection<String> members) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select dataset from registry.dataset_member m join registry.dataset d"
                    + " on d.name = m.dataset where member = any (?) and outcomes > 0"
                    + " group by dataset, updated_at having count(*) = ?"
                    + " order by updated_at desc, dataset limit 1")) {
      select.setArray(1, connection.createArrayOf("text", members.toArray()));
      select.setInt(2, members.size());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  /** The revision of a dataset; 0 where there is none. */
  public long revision(String name) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select revision from registry.dataset where name = ?")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  /**
   * A part of a dataset.
   *
   * @param name of the dataset
   * @param split only this one; empty for all
   * @param sets only these; empty for all
   */
  public record Part(String name, String split, Collection<String> sets) {}

  /**
   * Some queries.
   *
   * @param queries in order of their ids' bytes
   * @param more whether there are more
   */
  public record Queries(List<RecordedQuery> queries, boolean more) {}

  /**
   * Queries of a part, in order of their ids' bytes.
   *
   * @param after only ids beyond this one; empty for the beginning
   * @param limit at most so many
   * @param bytes no more once there are so many
   */
  public Queries queries(Part part, String after, int limit, int bytes) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Transactions.run(connection, () -> queries(connection, part, after, limit, bytes));
    }
  }

  /** The queries of these ids that a dataset has, by id. */
  public Map<String, RecordedQuery> find(String name, Collection<String> ids) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return DatasetChange.find(connection, name, ids);
    }
  }

  private static Queries queries(
      Connection connection, Part part, String after, int limit, int bytes) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select document from registry.dataset_query where dataset = ? and id > ?"
                + " and (? = '' or split = ?) and (? or set = any (?)) order by id limit ?")) {
      // Within a transaction the driver fetches so many at a time, not all.
      select.setFetchSize(FETCHED);
      select.setString(1, part.name());
      select.setString(2, after);
      select.setString(3, part.split());
      select.setString(4, part.split());
      select.setBoolean(5, part.sets().isEmpty());
      select.setArray(6, connection.createArrayOf("text", part.sets().toArray()));
      select.setInt(7, limit + 1);
      var found = new ArrayList<RecordedQuery>();
      long read = 0;
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          if (found.size() == limit || read >= bytes) {
            return new Queries(found, true);
          }
          byte[] document = rows.getBytes(1);
          read += document.length;
          found.add(QueryDocument.read(document));
        }
      }
      return new Queries(found, false);
    }
  }

  /**
   * Throws a dataset away.
   *
   * @throws RefusedException {@link Refusal.NotFound}, {@link Refusal.Stale}, {@link Refusal.Busy}
   *     while an import waits or runs
   */
  public void delete(String name, IfMatch ifMatch, Author author) throws SQLException {
    try (Connection connection = database.getConnection()) {
      // At once where it is so: the lock would be waited for.
      requireIdle(connection, name);
      int usual = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, DELETE_MILLIS);
      try {
        delete(connection, name, ifMatch, author);
      } finally {
        connection.setNetworkTimeout(Runnable::run, usual);
      }
    }
  }

  private static void delete(Connection connection, String name, IfMatch ifMatch, Author author)
      throws SQLException {
    Transactions.run(
        connection,
        () -> {
          lock(connection, name, ifMatch);
          requireIdle(connection, name);
          try (PreparedStatement delete =
              connection.prepareStatement("delete from registry.dataset where name = ?")) {
            delete.setString(1, name);
            delete.executeUpdate();
          }
          AuditInsert.record(connection, "DELETE", "DATASET", name, author);
          return null;
        });
  }

  private static void lock(Connection connection, String name, IfMatch ifMatch)
      throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            "select revision from registry.dataset where name = ? for update")) {
      lock.setString(1, name);
      try (ResultSet row = lock.executeQuery()) {
        if (!row.next()) {
          throw notFound(name);
        }
        ifMatch.require(name, row.getLong(1));
      }
    }
  }

  private static void requireIdle(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id from registry.job where kind = any (?) and ended_at is null"
                + " and parameters ->> 'dataset' = ? limit 1")) {
      select.setArray(1, connection.createArrayOf("text", WRITING.toArray()));
      select.setString(2, name);
      try (ResultSet rows = select.executeQuery()) {
        if (rows.next()) {
          throw new Refusal.Busy("Job %s writes to '%s'.".formatted(rows.getString(1), name))
              .exception();
        }
      }
    }
  }

  /** The exception for a dataset that does not exist. */
  public static RefusedException notFound(String name) {
    String shown = name.length() <= 80 ? name : name.substring(0, 80) + "...";
    return new Refusal.NotFound("There is no dataset '%s'.".formatted(shown)).exception();
  }
}
