package dev.tutti.learning.artifact;

import dev.tutti.kit.job.Retention;
import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Deletes versions of artifacts that were kept long enough. The newest of each stays, the active
 * one, the one before it (to roll back to), and the one in shadow; all, while an evaluation waits
 * or runs that may name one. What was switched is told for ever.
 */
@ApplicationScoped
public class OldArtifacts implements Retention.Sweep {

  /** A version can have many megabytes. */
  private static final int DELETED = 5;

  private static final String DELETE =
      """
      delete from %1$s.artifact where (name, version) in (
        select name, version from %1$s.artifact a
        where created_at < ?
          and version < (select max(version) from %1$s.artifact n where n.name = a.name)
          and not exists (
            select from unnest(?, ?) as needed (name, version)
            where needed.name = a.name and needed.version = a.version)
          and not exists (
            select from %1$s.job
            where kind = 'evaluate' and state in ('QUEUED', 'RUNNING'))
        order by created_at limit ?)""";

  private final ArtifactTable table;
  private final String delete;

  OldArtifacts(ArtifactTable table, Database database) {
    this.table = table;
    this.delete = DELETE.formatted(database.schema());
  }

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    table.lockChanges(connection);
    var names = new ArrayList<String>();
    var versions = new ArrayList<Integer>();
    table.changes(connection, "").stream()
        .collect(Collectors.groupingBy(ArtifactChange::name, TreeMap::new, Collectors.toList()))
        .forEach(
            (name, changes) -> {
              for (int version : needed(changes)) {
                names.add(name);
                versions.add(version);
              }
            });
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setTimestamp(1, Timestamp.from(before));
      statement.setArray(2, connection.createArrayOf("text", names.toArray()));
      statement.setArray(3, connection.createArrayOf("integer", versions.toArray()));
      statement.setInt(4, DELETED);
      int deleted = statement.executeUpdate();
      return new Retention.Step(deleted, deleted == DELETED);
    }
  }

  private static List<Integer> needed(List<ArtifactChange> changes) {
    List<Integer> activated = ArtifactChange.activated(changes);
    var needed =
        new ArrayList<>(activated.subList(Math.max(0, activated.size() - 2), activated.size()));
    ArtifactChange.shadow(changes).ifPresent(needed::add);
    return needed;
  }
}
