package dev.tutti.router.artifact;

import dev.tutti.kit.job.Retention;
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
      delete from router.artifact where (name, version) in (
        select name, version from router.artifact a
        where created_at < ?
          and version < (select max(version) from router.artifact n where n.name = a.name)
          and not exists (
            select from unnest(?, ?) as needed (name, version)
            where needed.name = a.name and needed.version = a.version)
          and not exists (
            select from router.job
            where kind = 'evaluation' and state in ('QUEUED', 'RUNNING'))
        order by created_at limit ?)""";

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    ArtifactTable.lockChanges(connection);
    var names = new ArrayList<String>();
    var versions = new ArrayList<Integer>();
    ArtifactTable.changes(connection, "").stream()
        .collect(Collectors.groupingBy(ArtifactChange::name, TreeMap::new, Collectors.toList()))
        .forEach(
            (name, changes) -> {
              for (int version : needed(changes)) {
                names.add(name);
                versions.add(version);
              }
            });
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setTimestamp(1, Timestamp.from(before));
      delete.setArray(2, connection.createArrayOf("text", names.toArray()));
      delete.setArray(3, connection.createArrayOf("integer", versions.toArray()));
      delete.setInt(4, DELETED);
      int deleted = delete.executeUpdate();
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
