package dev.tutti.cascade.cache;

import dev.tutti.cascade.feedback.FeedbackListener;
import dev.tutti.cascade.feedback.Said;
import dev.tutti.learning.database.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** What is said of answers that are kept: how often it was wrong to give them again. */
@ApplicationScoped
class CacheFeedback implements FeedbackListener {

  private final AnswerCache cache;
  private final CacheTable table;

  CacheFeedback(AnswerCache cache, Database database) {
    this.cache = cache;
    this.table = new CacheTable(database);
  }

  @Override
  public Set<String> ensembles(Connection connection) {
    return cache.ensembles();
  }

  @Override
  public void heard(Connection connection, List<Said> page) throws SQLException {
    table.judge(connection, page);
  }
}
