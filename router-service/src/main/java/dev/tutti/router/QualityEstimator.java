package dev.tutti.router;

import dev.tutti.learning.Parameters;
import java.util.List;

/**
 * What a pretrained router has learned from recorded outcomes: how well each member would answer a
 * query. Immutable; no I/O. Whom to ask, given this and what it costs, is a {@link SelectionRule}.
 *
 * <p>A class that is one has a {@code Settings} record for its fit, a static {@code fit(Outcomes,
 * Settings, RandomGenerator)}, and a constructor that takes {@link Parameters}, so that what is
 * read back estimates bit for bit what was fitted.
 */
public interface QualityEstimator {

  /** Whom it knows: the columns of the outcomes that it was fitted to. */
  default List<String> members() {
    return parameters().members();
  }

  /**
   * How well each of {@link #members} would answer, in their order.
   *
   * @throws IllegalArgumentException when the query lacks what the method needs
   */
  Estimate estimate(Query query);

  /** Everything it has learned. */
  Parameters parameters();
}
