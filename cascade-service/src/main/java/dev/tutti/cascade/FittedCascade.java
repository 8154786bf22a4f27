package dev.tutti.cascade;

import dev.tutti.kit.calls.MemberCard;
import dev.tutti.learning.FittedMethod;
import java.util.List;

/**
 * A method of this family that is fitted to recorded outcomes. Thread-safe.
 *
 * @param <S> settings of its fit
 */
public interface FittedCascade<S extends Record>
    extends FittedMethod<RecordedOutcomes, LearnedCascade, S> {

  /** Whether it looks at the question's embedding. */
  default boolean embeds() {
    return false;
  }

  /** Whether it looks at the embeddings of answers, where it looks at the question's. */
  default boolean embedsAnswers() {
    return false;
  }

  /** Whether it looks at what would be right. */
  default boolean readsReferences() {
    return false;
  }

  /**
   * The methods as its fit measures them on what was held out: one a point of its curve, the
   * cheapest first, the last of them what an ensemble with default settings does; at least one.
   *
   * @param learned by this fit, with these settings
   * @param members that are asked, known as the columns that were learned from
   */
  List<CascadeMethod> points(LearnedCascade learned, S settings, List<MemberCard> members);
}
