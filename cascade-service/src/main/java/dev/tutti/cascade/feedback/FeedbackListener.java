package dev.tutti.cascade.feedback;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Wants to hear what is said of this service's decisions; a bean each. */
public interface FeedbackListener {

  /** Ensembles of which it waits to hear. */
  Set<String> ensembles(Connection connection) throws SQLException;

  /**
   * Hears of one of them, in the order in which it was said, within the transaction that notes how
   * far was heard. The same may come again and again for a while, and must change nothing then.
   *
   * @param said ratings and failures; comparisons are left out
   */
  void heard(Connection connection, List<Said> said) throws SQLException;
}
