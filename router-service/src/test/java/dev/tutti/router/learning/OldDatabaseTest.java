package dev.tutti.router.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.Artifact;
import dev.tutti.learning.testing.LearningDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** A database of before what services learn was a module goes on with all that it holds. */
class OldDatabaseTest {

  /** An artifact of format 1: version 1 of knn, learned from 3 queries with seed 4. */
  private static final byte[] DOCUMENT =
      HexFormat.of()
          .parseHex(
              "54754641000000010000000100000003000000000000000400000000000000010000000"
                  + "36b6e6e0000000166000000027b7d000000017800000001000000013f800000");

  @Test
  void artifactsJobsAndEmbeddingsOfBeforeAreThere() throws SQLException {
    try (var server = new LearningDatabase("router")) {
      server.flyway("router", "filesystem:src/main/resources/db/migration").migrate();
      try (Connection connection = server.source().getConnection();
          var statement = connection.createStatement()) {
        assertThrows(
            SQLException.class,
            () -> statement.executeQuery("select comparison from router.artifact"),
            "as it was before");
        statement.execute(
            """
            insert into router.artifact
              (name, version, method, document, provenance, metrics, held_out, created_by)
            values ('ours', 1, 'knn', decode('%s', 'hex'), '{"seed": 4}', '{"quality": 0.5}', '', 'ada');
            insert into router.artifact_change (name, action, version, author)
            values ('ours', 'ACTIVATE', 1, 'ada');
            insert into router.text_embedding (digest, vector) values ('\\x01', '\\x02');
            insert into router.job (id, kind, author, parameters, unit, state)
            values ('j', 'fit', 'ada', '{}', 'queries', 'QUEUED')"""
                .formatted(HexFormat.of().formatHex(DOCUMENT)));
      }
      try (Connection connection = server.database().connect();
          var statement = connection.createStatement()) {
        try (ResultSet row =
            statement.executeQuery("select document, comparison::text from router.artifact")) {
          assertTrue(row.next());
          assertArrayEquals(DOCUMENT, row.getBytes(1));
          assertEquals(4, Artifact.of(row.getBytes(1)).provenance().seed());
          assertEquals("{}", row.getString(2));
        }
        assertEquals(1, count(connection, "router.artifact_change"));
        assertEquals(1, count(connection, "router.text_embedding"));
        assertEquals(1, count(connection, "router.job"));
        assertThrows(
            SQLException.class,
            () -> statement.execute("update router.artifact set method = 'other'"));
      }
    }
  }

  private static int count(Connection connection, String table) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + table)) {
      row.next();
      return row.getInt(1);
    }
  }
}
