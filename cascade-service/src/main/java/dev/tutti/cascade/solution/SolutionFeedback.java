package dev.tutti.cascade.solution;

import dev.tutti.cascade.feedback.FeedbackListener;
import dev.tutti.cascade.feedback.Said;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What users say of answers that are kept: a score above a half accepts one, also one that a
 * verifier never saw, a score below rejects it, also one that was accepted before. The latest that
 * is said counts.
 */
@ApplicationScoped
class SolutionFeedback implements FeedbackListener {

  /** Nobody rates an answer that is older. */
  private static final Duration JUDGED_WITHIN = Duration.ofDays(7);

  private final SolutionTable table;
  private final SolutionQueries queries = new SolutionQueries();

  SolutionFeedback(@ConfigProperty(name = "tutti.cascade.solutions.most") int most) {
    table = new SolutionTable(most);
  }

  @Override
  public Set<String> ensembles(Connection connection) throws SQLException {
    return queries.judgeable(connection, JUDGED_WITHIN);
  }

  @Override
  public void heard(Connection connection, List<Said> page) throws SQLException {
    // Of several verdicts on one answer the last counts, however often the page comes again.
    var latest = new LinkedHashMap<List<String>, Said>();
    for (Said said : page) {
      if (said.score() != 0.5) {
        latest.put(List.of(said.ensemble(), said.decision(), said.member()), said);
      }
    }
    if (latest.isEmpty()) {
      return;
    }
    Set<String> kept =
        queries.decisions(
            connection,
            page.getFirst().ensemble(),
            latest.values().stream().map(Said::decision).toList());
    for (Said said : latest.values()) {
      if (kept.contains(said.decision())) {
        table.judge(
            connection,
            said.ensemble(),
            said.decision(),
            said.member(),
            said.score() > 0.5,
            said.time());
      }
    }
  }
}
