package dev.tutti.learning.fit;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.generation.v1.Completion;
import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** The table {@code paid_answer} of the service's schema. */
@ApplicationScoped
class PaidTable implements PaidAnswers {

  private final Database database;
  private final String table;

  PaidTable(Database database) {
    this.database = database;
    this.table = database.schema() + ".paid_answer";
  }

  @Override
  public Sum sum(String job) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                "select coalesce(sum(usd), 0), coalesce(sum(usd) filter (where digest is not null), 0) from %s where job = ?"
                    .formatted(table))) {
      select.setString(1, job);
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return new Sum(rows.getDouble(1), rows.getDouble(2));
      }
    }
  }

  @Override
  public Optional<Paid> find(String job, byte[] digest) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement select =
            connection.prepareStatement(
                "select usd, completion from %s where job = ? and digest = ?".formatted(table))) {
      select.setString(1, job);
      select.setBytes(2, digest);
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next()) {
          return Optional.empty();
        }
        Optional<byte[]> kept = Optional.ofNullable(rows.getBytes(2));
        return Optional.of(new Paid(rows.getDouble(1), kept.map(PaidTable::completion)));
      }
    }
  }

  private static Completion completion(byte[] bytes) {
    try {
      return Completion.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A kept answer that cannot be read", e);
    }
  }

  @Override
  public long hold(String job, double usd) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into %s (job, usd) values (?, ?) returning number".formatted(table))) {
      insert.setString(1, job);
      insert.setDouble(2, usd);
      try (ResultSet rows = insert.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  @Override
  public void release(long held) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement delete =
            connection.prepareStatement("delete from %s where number = ?".formatted(table))) {
      delete.setLong(1, held);
      delete.executeUpdate();
    }
  }

  @Override
  public void settle(long held, Optional<byte[]> digest, Paid paid) throws SQLException {
    try (Connection connection = database.connect()) {
      settle(connection, held, digest, paid);
    }
  }

  @Override
  public void settle(Connection connection, long held, Optional<byte[]> digest, Paid paid)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update %s set digest = ?, usd = ?, completion = ? where number = ?"
                .formatted(table))) {
      update.setBytes(1, digest.orElse(null));
      update.setDouble(2, paid.usd());
      update.setBytes(3, paid.completion().map(Completion::toByteArray).orElse(null));
      update.setLong(4, held);
      update.executeUpdate();
    }
  }

  @Override
  public void forget(Connection connection, String job) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from %s where job = ?".formatted(table))) {
      delete.setString(1, job);
      delete.executeUpdate();
    }
  }
}
