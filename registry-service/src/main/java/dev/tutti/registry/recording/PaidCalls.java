package dev.tutti.registry.recording;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.registry.store.Transactions;
import dev.tutti.registry.v1.Outcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Calls of a recording that are paid and not in its dataset yet: each is committed as it is paid,
 * so that whoever goes on with the job pays none of them twice.
 */
@ApplicationScoped
class PaidCalls {

  private final DataSource database;

  PaidCalls(DataSource database) {
    this.database = database;
  }

  /** What was paid for. */
  enum What {
    /** An answer. */
    ANSWER,
    /** What the judge says of it. */
    VERDICT,
    /** Calls that failed, all tries together. */
    LOSS,
    /** The same of the judge's. */
    VERDICT_LOSS
  }

  /** Of which question and member. */
  record Place(long line, String member) {}

  /**
   * What is known of one question and member.
   *
   * @param outcome the answer; null where there is none
   * @param score that the judge gave it; null where there is none
   * @param usd of the answer, and of the tries that failed
   * @param judgeUsd the same of the judge
   */
  record Paid(Outcome outcome, Double score, double usd, double judgeUsd) {

    static final Paid NOTHING = new Paid(null, null, 0, 0);
  }

  /** All that a job has paid and not taken over. */
  Map<Place, Paid> of(String job) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return of(connection, job);
    }
  }

  private static Map<Place, Paid> of(Connection connection, String job) throws SQLException {
    var found = new HashMap<Place, Paid>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select line, member, what, usd, outcome, score from registry.recording_call"
                + " where job = ?")) {
      select.setString(1, job);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          var place = new Place(rows.getLong(1), rows.getString(2));
          Paid paid = found.getOrDefault(place, Paid.NOTHING);
          double usd = rows.getDouble(4);
          found.put(
              place,
              switch (What.valueOf(rows.getString(3))) {
                case ANSWER ->
                    new Paid(
                        outcome(rows.getBytes(5)), paid.score(), paid.usd() + usd, paid.judgeUsd());
                case VERDICT ->
                    new Paid(paid.outcome(), rows.getDouble(6), paid.usd(), paid.judgeUsd() + usd);
                case LOSS ->
                    new Paid(paid.outcome(), paid.score(), paid.usd() + usd, paid.judgeUsd());
                case VERDICT_LOSS ->
                    new Paid(paid.outcome(), paid.score(), paid.usd(), paid.judgeUsd() + usd);
              });
        }
      }
    }
    return found;
  }

  /** Keeps an answer. */
  void answer(String job, Place place, Outcome outcome) throws SQLException {
    add(job, place, What.ANSWER, outcome.getCost(), outcome.toByteArray(), null);
  }

  /** Keeps what the judge says. */
  void verdict(String job, Place place, double usd, double score) throws SQLException {
    add(job, place, What.VERDICT, usd, null, score);
  }

  /** Keeps what a try cost that failed. */
  void loss(String job, Place place, What what, double usd) throws SQLException {
    add(job, place, what, usd, null, null);
  }

  private void add(String job, Place place, What what, double usd, byte[] outcome, Double score)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into registry.recording_call (job, line, member, what, usd, outcome, score)"
                    + " values (?, ?, ?, ?, ?, ?, ?) on conflict (job, line, member, what)"
                    + " do update set usd = recording_call.usd + excluded.usd")) {
      insert.setString(1, job);
      insert.setLong(2, place.line());
      insert.setString(3, place.member());
      insert.setString(4, what.name());
      insert.setDouble(5, usd);
      insert.setBytes(6, outcome);
      insert.setObject(7, score);
      insert.executeUpdate();
    }
  }

  /** Forgets those of lines before this one, in the transaction that takes them over. */
  static void forget(Connection connection, String job, long line) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from registry.recording_call where job = ? and line < ?")) {
      delete.setString(1, job);
      delete.setLong(2, line);
      delete.executeUpdate();
    }
  }

  /** Keeps how far a recording is, for whoever asks. */
  static void tell(Connection connection, String job, byte[] counts) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "insert into registry.recording (job, counts) values (?, ?)"
                + " on conflict (job) do update set counts = excluded.counts")) {
      upsert.setString(1, job);
      upsert.setBytes(2, counts);
      upsert.executeUpdate();
    }
  }

  /**
   * How far a recording is.
   *
   * @param counts when it last took answers over
   * @param paid since
   */
  record Known(RecordingCounts counts, Map<Place, Paid> paid) {}

  /**
   * What is known of a recording at one moment: nothing is counted twice that is taken over now.
   */
  Known known(String job) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return Transactions.run(
          connection,
          () -> {
            try (Statement isolation = connection.createStatement()) {
              isolation.execute("set transaction isolation level repeatable read");
            }
            return new Known(counts(connection, job), of(connection, job));
          });
    }
  }

  private static RecordingCounts counts(Connection connection, String job) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("select counts from registry.recording where job = ?")) {
      select.setString(1, job);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? RecordingCounts.read(row.getBytes(1)) : RecordingCounts.NONE;
      }
    }
  }

  private static Outcome outcome(byte[] bytes) {
    try {
      return Outcome.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("An answer is kept that cannot be read", e);
    }
  }
}
