package dev.tutti.router.decision;

import java.sql.SQLException;
import java.time.Duration;

/** What any replica deleted, for one that has it in memory. Confined to one thread. */
final class TeamDeletions {

  /** How often it is looked for. */
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final DecisionTable table;
  private long last;
  private long looked = System.nanoTime() - AGAIN_NANOS;

  TeamDeletions(DecisionTable table) {
    this.table = table;
  }

  /** Forgets what was deleted since the last time. */
  void follow(Buffer memory) throws SQLException {
    long now = System.nanoTime();
    if (now - looked < AGAIN_NANOS) {
      return;
    }
    looked = now;
    for (TeamDeletion its : table.deletions(last)) {
      memory.removeIf(kept -> kept.isOf(its.team(), its.digest()));
      last = its.number();
    }
  }
}
