package dev.tutti.registry.dataset;

import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Bodies of imports and recordings, durable from their arrival until their job has taken them over,
 * and the lines that were refused.
 */
@ApplicationScoped
public class Uploads {

  /** Refused lines of a job whose reason is kept. */
  static final int MOST_REFUSALS = 10_000;

  private static final int MOST_UPLOADS = 32;
  private static final int LONGEST_REASON = 500;

  private final DataSource database;

  Uploads(DataSource database) {
    this.database = database;
  }

  /**
   * Begins an upload; clears away those whose job has ended, and those without a job that nothing
   * came to for an hour: their replica or their client is gone.
   *
   * @return its id
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Unavailable} when too many wait
   */
  public String begin(String dataset) throws SQLException {
    String id = UUID.randomUUID().toString();
    try (Connection connection = database.getConnection()) {
      try (PreparedStatement sweep =
          connection.prepareStatement(
              "delete from registry.import_upload u where exists (select from registry.job j"
                  + " where j.kind = any (?) and j.key = u.id and j.ended_at is not null)"
                  + " or u.updated_at < now() - interval '1 hour' and not exists"
                  + " (select from registry.job j where j.kind = any (?) and j.key = u.id)")) {
        Array kinds = connection.createArrayOf("text", DatasetStore.WRITING.toArray());
        sweep.setArray(1, kinds);
        sweep.setArray(2, kinds);
        sweep.executeUpdate();
      }
      try (PreparedStatement insert =
          connection.prepareStatement(
              "insert into registry.import_upload (id, dataset) select ?, ?"
                  + " where (select count(*) from registry.import_upload) < ?")) {
        insert.setString(1, id);
        insert.setString(2, dataset);
        insert.setInt(3, MOST_UPLOADS);
        if (insert.executeUpdate() == 0) {
          throw new Refusal.Unavailable(
                  "%d imports arrive or wait already; try again later.".formatted(MOST_UPLOADS))
              .exception();
        }
      }
    }
    return id;
  }

  /**
   * Keeps a body to its end, one chunk at a time.
   *
   * @param body lines, not compressed
   * @param largest bytes that they have together at most
   * @throws dev.tutti.registry.RefusedException {@link Refusal.TooLarge}, {@link Refusal.Malformed}
   *     where it is empty or breaks off
   */
  public Body receive(String upload, InputStream body, long largest) throws SQLException {
    var chunks = new LineChunks(body, largest);
    try {
      int number = 0;
      LineChunks.Chunk chunk;
      while ((chunk = chunks.next()) != null) {
        append(upload, number++, chunk);
      }
      if (number == 0) {
        throw Refusal.malformed("body", "The body must have at least one line.");
      }
      return new Body(chunks.read(), number);
    } catch (LineChunks.TooManyBytesException e) {
      throw new Refusal.TooLarge(
              "The lines have %d bytes at most, uncompressed.".formatted(largest))
          .exception();
    } catch (IOException e) {
      throw Refusal.malformed(
          "body", "The body broke off, or is not in the encoding that Content-Encoding says.");
    }
  }

  /** Keeps a chunk. */
  private void append(String upload, int number, LineChunks.Chunk chunk) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "with alive as (update registry.import_upload set updated_at = now() where id = ?)"
                    + " insert into registry.import_chunk (upload, number, first_line, data)"
                    + " values (?, ?, ?, ?)")) {
      insert.setString(1, upload);
      insert.setString(2, upload);
      insert.setInt(3, number);
      insert.setLong(4, chunk.firstLine());
      insert.setBytes(5, chunk.data());
      insert.executeUpdate();
    }
  }

  /**
   * A whole body.
   *
   * @param bytes that came
   * @param chunks that it was cut into
   */
  public record Body(long bytes, int chunks) {}

  /**
   * Says that a body is whole, and in the audit log who sent it.
   *
   * @param action what it is for, e.g. IMPORT
   */
  public void complete(String upload, String dataset, Body body, String action, Author author)
      throws SQLException {
    try (Connection connection = database.getConnection()) {
      Transactions.run(
          connection,
          () -> {
            try (PreparedStatement update =
                connection.prepareStatement(
                    "update registry.import_upload set complete = true, bytes = ?, chunks = ?"
                        + " where id = ?")) {
              update.setLong(1, body.bytes());
              update.setInt(2, body.chunks());
              update.setString(3, upload);
              update.executeUpdate();
            }
            hold(connection, upload);
            AuditInsert.record(connection, action, "DATASET", dataset, author);
            return null;
          });
    }
  }

  /** Throws a body away. */
  public void drop(String upload) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement delete =
            connection.prepareStatement("delete from registry.import_upload where id = ?")) {
      delete.setString(1, upload);
      delete.executeUpdate();
    }
  }

  /** A whole body of this dataset; empty where there is none. */
  public Optional<Body> body(String upload, String dataset) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select bytes, chunks from registry.import_upload"
                    + " where id = ? and dataset = ? and complete")) {
      select.setString(1, upload);
      select.setString(2, dataset);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next()
            ? Optional.of(new Body(rows.getLong(1), rows.getInt(2)))
            : Optional.empty();
      }
    }
  }

  /** A chunk; empty where there is none, or it was taken over. */
  public Optional<LineChunks.Chunk> chunk(String upload, int number) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select first_line, data from registry.import_chunk"
                    + " where upload = ? and number = ?")) {
      select.setString(1, upload);
      select.setInt(2, number);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next()
            ? Optional.of(new LineChunks.Chunk(rows.getLong(1), rows.getBytes(2)))
            : Optional.empty();
      }
    }
  }

  /**
   * Says that somebody is at work on a body, or will be, for a day. A registry of before, beside
   * this one, knows no jobs but imports, and deletes what nothing came to for an hour.
   */
  public static void hold(Connection connection, String upload) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update registry.import_upload set updated_at = now() + interval '1 day'"
                + " where id = ?")) {
      update.setString(1, upload);
      update.executeUpdate();
    }
  }

  /** Throws a chunk away that was taken over, in the transaction that takes it. */
  public static void dropChunk(Connection connection, String upload, int number)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from registry.import_chunk where upload = ? and number = ?")) {
      delete.setString(1, upload);
      delete.setInt(2, number);
      delete.executeUpdate();
    }
  }

  /**
   * Keeps refused lines, as many as there is room for.
   *
   * @param kept how many of the job are kept already
   * @return how many are kept then
   */
  public static long refuse(
      Connection connection, String job, List<ImportBatch.Refused> refused, long kept)
      throws SQLException {
    long now = kept;
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into registry.import_refusal (job, line, field, reason) values (?, ?, ?, ?)")) {
      for (ImportBatch.Refused line : refused) {
        if (now == MOST_REFUSALS) {
          break;
        }
        insert.setString(1, job);
        insert.setLong(2, line.line());
        insert.setString(3, cut(line.error().field()));
        insert.setString(4, cut(line.error().detail()));
        insert.addBatch();
        now++;
      }
      insert.executeBatch();
    }
    return now;
  }

  private static String cut(String text) {
    // PostgreSQL takes no NUL in a text.
    String clean = text.replace('\0', ' ');
    return clean.length() <= LONGEST_REASON ? clean : clean.substring(0, LONGEST_REASON);
  }

  /**
   * Refused lines of a job, by number.
   *
   * @param after only those beyond this place; null for all
   */
  List<RefusedLine> refusals(String job, RefusedLine.Place after, int limit) throws SQLException {
    RefusedLine.Place from = after == null ? new RefusedLine.Place(0, "") : after;
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select line, field, reason from registry.import_refusal"
                    + " where job = ? and (line, field) > (?, ?) order by line, field limit ?")) {
      select.setString(1, job);
      select.setLong(2, from.line());
      select.setString(3, from.field());
      select.setInt(4, limit);
      var lines = new ArrayList<RefusedLine>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          lines.add(new RefusedLine(rows.getLong(1), rows.getString(2), rows.getString(3)));
        }
      }
      return lines;
    }
  }
}
