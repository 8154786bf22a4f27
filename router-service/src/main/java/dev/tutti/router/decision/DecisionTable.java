package dev.tutti.router.decision;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.generation.v1.Decision;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.learning.database.Floats;
import dev.tutti.router.activity.ActivityTable;
import dev.tutti.router.feedback.Decisions;
import dev.tutti.router.feedback.FeedbackRow;
import dev.tutti.router.feedback.FeedbackTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code router.decision}. Its schema is made at the first use that reaches the database.
 */
@ApplicationScoped
class DecisionTable {

  private static final String INSERT =
      """
      insert into router.decision (id, time, ensemble, ensemble_version, method, document,
        team, prompt_tokens, completion_tokens, cost_usd, estimated, embedding, shadowed,
        members, key, failed)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing""";

  private static final String INSERT_USER =
      """
      insert into router.decision_user (digest, decision)
      select ?, id from router.decision where id = ? on conflict do nothing""";

  private static final int PING_SECONDS = 2;

  private final Database database;
  private final FeedbackTable feedback;
  private final ActivityTable activity;

  DecisionTable(Database database, FeedbackTable feedback, ActivityTable activity) {
    this.database = database;
    this.feedback = feedback;
    this.activity = activity;
  }

  /** Makes sure that the database is there, and the schema in it. */
  void ping() throws SQLException {
    try (Connection connection = database.connect()) {
      if (!connection.isValid(PING_SECONDS)) {
        throw new SQLException("The connection is broken.");
      }
    }
  }

  /**
   * Appends decisions, and the calls that failed as feedback on them, and counts the requests, all
   * or none; what is there already stays as it is, and another one of its id is kept apart.
   *
   * @throws SQLException see {@link DatabaseFailure} for what to make of it
   */
  void insert(List<Kept> batch) throws SQLException {
    try {
      insertAll(batch);
    } catch (SQLException e) {
      database.failed(e);
      throw e;
    }
  }

  private void insertAll(List<Kept> batch) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      connection.setAutoCommit(false);
      var fresh = new ArrayList<Kept>();
      for (Kept decision : batch) {
        add(connection, insert, decision);
      }
      List<Kept> left = added(insert, batch, fresh);
      var there = new ArrayList<>(fresh);
      var apart = new ArrayList<Kept>();
      for (Kept decision : left) {
        if (isThere(connection, decision)) {
          there.add(decision);
        } else {
          Kept its = decision.apart();
          add(connection, insert, its);
          apart.add(its);
        }
      }
      added(insert, apart, fresh);
      there.addAll(apart);
      users(connection, there);
      List<FeedbackRow> failures = batch.stream().flatMap(d -> d.failures().stream()).toList();
      if (!failures.isEmpty()) {
        feedback.insert(connection, failures);
      }
      activity.add(connection, fresh.stream().flatMap(d -> d.request().stream()).toList());
      connection.commit();
    }
  }

  /** Notes for whom they were, each under the id that it has in the table. */
  private static void users(Connection connection, List<Kept> there) throws SQLException {
    List<Kept> named = there.stream().filter(its -> its.user().length > 0).toList();
    if (named.isEmpty()) {
      return;
    }
    try (PreparedStatement insert = connection.prepareStatement(INSERT_USER)) {
      for (Kept decision : named) {
        insert.setBytes(1, decision.user());
        insert.setString(2, decision.id());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /**
   * Whose decisions were deleted since.
   *
   * @param after the last number that is known
   */
  List<TeamDeletion> deletions(long after) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                "select number, team, digest from router.team_deletion where number > ? order by number")) {
      select.setLong(1, after);
      var found = new ArrayList<TeamDeletion>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(new TeamDeletion(rows.getLong(1), rows.getString(2), rows.getBytes(3)));
        }
      }
      return found;
    }
  }

  /**
   * Inserts what was added to a batch, and tells of which the id was there already.
   *
   * @param fresh gets the others: what is written twice counts once
   */
  private static List<Kept> added(PreparedStatement insert, List<Kept> batch, List<Kept> fresh)
      throws SQLException {
    int[] inserted = insert.executeBatch();
    var left = new ArrayList<Kept>();
    for (int i = 0; i < inserted.length; i++) {
      (inserted[i] == 0 ? left : fresh).add(batch.get(i));
    }
    return left;
  }

  private static void add(Connection connection, PreparedStatement insert, Kept decision)
      throws SQLException {
    insert.setString(1, decision.id());
    insert.setTimestamp(2, new Timestamp(decision.timeMillis()));
    insert.setString(3, decision.ensemble());
    insert.setLong(4, decision.ensembleVersion());
    insert.setString(5, decision.method());
    insert.setBytes(6, decision.document());
    insert.setString(7, decision.team());
    insert.setLong(8, decision.spend().promptTokens());
    insert.setLong(9, decision.spend().completionTokens());
    insert.setBigDecimal(10, decision.spend().usd());
    insert.setBoolean(11, decision.spend().estimated());
    insert.setBytes(12, Floats.bytes(decision.embedding()));
    insert.setString(13, decision.shadowed());
    insert.setArray(14, connection.createArrayOf("text", decision.members().toArray()));
    insert.setString(15, decision.key().isEmpty() ? null : decision.key());
    insert.setString(16, decision.failed() == null ? null : decision.failed().word());
    insert.addBatch();
  }

  /** Whether it is this one that was written before, and not another of its id. */
  private static boolean isThere(Connection connection, Kept decision) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select 1 from router.decision where id = ? and document = ?")) {
      select.setString(1, decision.id());
      select.setBytes(2, decision.document());
      try (ResultSet rows = select.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** One decision, with the embedding of its query. */
  Optional<Decisions.Decided> find(String id) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                "select document, embedding from router.decision where id = ?")) {
      select.setString(1, id);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next()
            ? Optional.of(
                new Decisions.Decided(read(rows.getBytes(1)), Floats.floats(rows.getBytes(2))))
            : Optional.empty();
      }
    }
  }

  static Decision read(byte[] document) {
    try {
      return Decision.parseFrom(document);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A decision is kept that cannot be read", e);
    }
  }
}
