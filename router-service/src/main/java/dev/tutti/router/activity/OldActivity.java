package dev.tutti.router.activity;

import dev.tutti.kit.job.Retention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A pass over the sums of short steps that no report tells any more. What they say is in those of
 * days, which stay.
 */
public final class OldActivity implements Retention.Sweep {

  private static final int AT_ONCE = 500;

  private static final String DELETE =
      """
      delete from router.activity where (seconds, ensemble, start) in (
        select seconds, ensemble, start from router.activity
        where seconds = ? and start < ? order by start limit ?)""";

  private final Step step;

  private OldActivity(Step step) {
    this.step = step;
  }

  /** One for each length of time that is not kept for ever. */
  public static List<Retention.Rule> rules() {
    return Stream.of(Step.values())
        .filter(step -> step.kept().isPresent())
        .map(
            step ->
                new Retention.Rule(
                    "activity_" + step.name().toLowerCase(Locale.ROOT),
                    step.kept(),
                    () -> new OldActivity(step)))
        .toList();
  }

  @Override
  public Retention.Step next(Connection connection, Instant before) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(DELETE)) {
      delete.setInt(1, step.seconds());
      delete.setTimestamp(2, Timestamp.from(before));
      delete.setInt(3, AT_ONCE);
      int deleted = delete.executeUpdate();
      return new Retention.Step(deleted, deleted == AT_ONCE);
    }
  }
}
