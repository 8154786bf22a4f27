package dev.tutti.registry.dataset;

import dev.tutti.registry.FieldError;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one transaction changes of a dataset. Holds the dataset's row locked, so that whatever
 * changes it comes one after the other. Confined to one thread.
 */
final class DatasetChange {

  private static final int MOST_MEMBERS = 256;
  private static final int MOST_SLICES = 1_000;
  private static final int LARGEST_QUERY = 2 << 20;

  private final Connection connection;
  private final String name;
  private final CostUnit costUnit;
  private final Map<Slice, Long> slices = new HashMap<>();
  private final Map<String, Tally> members = new HashMap<>();
  private final Map<Slice, Long> changedSlices = new LinkedHashMap<>();
  private final Map<String, Tally> changedMembers = new LinkedHashMap<>();
  private final Map<String, RecordedQuery> changed = new LinkedHashMap<>();
  private long revision;
  private long queries;
  private BigInteger fingerprint;

  private record Slice(String set, String split) {}

  private record Tally(long outcomes, BigDecimal scores) {

    static final Tally NONE = new Tally(0, BigDecimal.ZERO);

    Tally plus(Outcome outcome, int sign) {
      // The shortest decimal of the double: sums of it are exact, and nothing is left behind.
      BigDecimal score = new BigDecimal(Double.toString(outcome.getScore()));
      return new Tally(outcomes + sign, sign > 0 ? scores.add(score) : scores.subtract(score));
    }
  }

  private DatasetChange(Connection connection, String name, CostUnit costUnit) {
    this.connection = connection;
    this.name = name;
    this.costUnit = costUnit;
  }

  /**
   * Begins a change; makes the dataset where there is none.
   *
   * @param connection of a transaction that the caller ends
   * @param costUnit of a new dataset
   */
  static DatasetChange begin(Connection connection, String name, CostUnit costUnit)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.dataset (name, revision, fingerprint, cost_unit, queries)"
                + " values (?, nextval('registry.dataset_revision'), ?, ?, 0)"
                + " on conflict (name) do nothing")) {
      insert.setString(1, name);
      insert.setBytes(2, Fingerprint.bytes(BigInteger.ZERO));
      insert.setString(3, costUnit.name());
      insert.executeUpdate();
    }
    try (PreparedStatement lock =
        connection.prepareStatement(
            "select revision, queries, fingerprint, cost_unit from registry.dataset"
                + " where name = ? for update")) {
      lock.setString(1, name);
      try (ResultSet row = lock.executeQuery()) {
        if (!row.next()) {
          // Deleted between the two statements: made anew.
          return begin(connection, name, costUnit);
        }
        var change =
            new DatasetChange(connection, name, CostUnit.valueOf(row.getString("cost_unit")));
        change.revision = row.getLong("revision");
        change.queries = row.getLong("queries");
        change.fingerprint = Fingerprint.number(row.getBytes("fingerprint"));
        change.loadTallies();
        return change;
      }
    }
  }

  private void loadTallies() throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select set, split, queries from registry.dataset_slice where dataset = ?")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          slices.put(new Slice(rows.getString(1), rows.getString(2)), rows.getLong(3));
        }
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "select member, outcomes, score_sum from registry.dataset_member where dataset = ?")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          members.put(rows.getString(1), new Tally(rows.getLong(2), rows.getBigDecimal(3)));
        }
      }
    }
  }

  /** What cost means in the dataset. */
  CostUnit costUnit() {
    return costUnit;
  }

  /** Bytes of the stored queries of these ids. */
  long storedBytes(Collection<String> ids) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select coalesce(sum(octet_length(document)), 0) from registry.dataset_query"
                + " where dataset = ? and id = any (?)")) {
      select.setString(1, name);
      select.setArray(2, connection.createArrayOf("text", ids.toArray()));
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** The stored queries of these ids. */
  Map<String, RecordedQuery> find(Collection<String> ids) throws SQLException {
    return find(connection, name, ids);
  }

  /** The same, of a dataset that is not changed. */
  static Map<String, RecordedQuery> find(Connection connection, String name, Collection<String> ids)
      throws SQLException {
    var found = new HashMap<String, RecordedQuery>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select id, document from registry.dataset_query"
                + " where dataset = ? and id = any (?)")) {
      select.setString(1, name);
      select.setArray(2, connection.createArrayOf("text", ids.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getString(1), QueryDocument.read(rows.getBytes(2)));
        }
      }
    }
    return found;
  }

  /**
   * Takes a query over, to be written by {@link #writeQueries} or {@link #write}.
   *
   * @param before null for a new one
   * @return why it cannot be: it would make the dataset too large; empty where it was taken
   */
  Optional<FieldError> put(RecordedQuery before, RecordedQuery after) {
    byte[] document = QueryDocument.write(after);
    if (document.length > LARGEST_QUERY) {
      return refused("models", "With it the query would have more than %d bytes.", LARGEST_QUERY);
    }
    var slice = new Slice(after.getSet(), after.getSplit());
    if (!slices.containsKey(slice) && slices.size() >= MOST_SLICES) {
      return refused("split", "The dataset has %d sets and splits already.", MOST_SLICES);
    }
    long fresh =
        after.getOutcomesList().stream()
            .filter(outcome -> !members.containsKey(outcome.getMember()))
            .count();
    if (members.size() + fresh > MOST_MEMBERS) {
      return refused(
          "models", "With it the dataset would have more than %d members.", MOST_MEMBERS);
    }
    if (before != null) {
      count(before, -1);
    }
    count(after, 1);
    changed.put(after.getId(), after);
    return Optional.empty();
  }

  private static Optional<FieldError> refused(String field, String reason, int most) {
    return Optional.of(new FieldError(field, reason.formatted(most)));
  }

  private void count(RecordedQuery query, int sign) {
    var slice = new Slice(query.getSet(), query.getSplit());
    changedSlices.put(slice, slices.merge(slice, (long) sign, Long::sum));
    for (Outcome outcome : query.getOutcomesList()) {
      String member = outcome.getMember();
      Tally tally = members.getOrDefault(member, Tally.NONE).plus(outcome, sign);
      members.put(member, tally);
      changedMembers.put(member, tally);
    }
    queries += sign;
    fingerprint = Fingerprint.sum(fingerprint, QueryDocument.write(query), sign);
  }

  /** Writes what was put, and the tallies; returns the revision of the dataset then. */
  long write() throws SQLException {
    writeQueries();
    if (changedSlices.isEmpty()) {
      return revision;
    }
    writeTallies();
    try (PreparedStatement update =
        connection.prepareStatement(
            "update registry.dataset set revision = nextval('registry.dataset_revision'),"
                + " fingerprint = ?, queries = ?, updated_at = now() where name = ?"
                + " returning revision")) {
      update.setBytes(1, Fingerprint.bytes(fingerprint));
      update.setLong(2, queries);
      update.setString(3, name);
      try (ResultSet row = update.executeQuery()) {
        row.next();
        revision = row.getLong(1);
      }
    }
    return revision;
  }

  /** Writes the queries that were put, and holds them no longer. */
  void writeQueries() throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.dataset_query (dataset, id, set, split, document)"
                + " values (?, ?, ?, ?, ?) on conflict (dataset, id) do update"
                + " set set = excluded.set, split = excluded.split, document = excluded.document")) {
      for (RecordedQuery query : changed.values()) {
        insert.setString(1, name);
        insert.setString(2, query.getId());
        insert.setString(3, query.getSet());
        insert.setString(4, query.getSplit());
        insert.setBytes(5, QueryDocument.write(query));
        insert.addBatch();
      }
      insert.executeBatch();
      changed.clear();
    }
  }

  private void writeTallies() throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "insert into registry.dataset_slice (dataset, set, split, queries) values (?, ?, ?, ?)"
                + " on conflict (dataset, set, split) do update set queries = excluded.queries")) {
      for (var slice : changedSlices.entrySet()) {
        upsert.setString(1, name);
        upsert.setString(2, slice.getKey().set());
        upsert.setString(3, slice.getKey().split());
        upsert.setLong(4, slice.getValue());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "insert into registry.dataset_member (dataset, member, outcomes, score_sum)"
                + " values (?, ?, ?, ?) on conflict (dataset, member) do update"
                + " set outcomes = excluded.outcomes, score_sum = excluded.score_sum")) {
      for (var member : changedMembers.entrySet()) {
        upsert.setString(1, name);
        upsert.setString(2, member.getKey());
        upsert.setLong(3, member.getValue().outcomes());
        upsert.setBigDecimal(4, member.getValue().scores());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }
}
