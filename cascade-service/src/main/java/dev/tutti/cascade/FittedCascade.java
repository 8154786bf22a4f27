package dev.tutti.cascade;

import dev.tutti.kit.calls.MemberCard;
import dev.tutti.learning.FittedMethod;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A method of this family that is fitted to recorded outcomes. Thread-safe.
 *
 * @param <S> settings of its fit
 */
public interface FittedCascade<S extends Record>
    extends FittedMethod<RecordedOutcomes, LearnedCascade, S> {

  /** Name of the matrix in which a fit that is trained keeps its mean return of each epoch. */
  String RETURNS = "returns";

  /**
   * Name of the matrix, of one number, in which a fit that may ask members tells about how many
   * questions they were asked for what its points cost and are worth; 0 where recorded answers
   * stand for theirs.
   */
  String LIVE = "points live";

  /** Hears how far a fit is. */
  @FunctionalInterface
  interface Progress {

    /**
     * Tells it.
     *
     * @param done units done; at least 0
     * @param total units in all
     * @param message what is being done, for people
     */
    void told(long done, long total, String message);
  }

  /** Learns as the fit does, and tells how far it is where it takes long. */
  default LearnedCascade fit(
      RecordedOutcomes data, S settings, RandomGenerator random, Progress progress) {
    return fit(data, settings, random);
  }

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

  /** Texts among the method's settings that its fit measures it with instead of the defaults. */
  default Map<String, String> measuredWith() {
    return Map.of();
  }

  /**
   * The methods as its fit measures them on what was held out: one a point of its curve, the
   * cheapest first, the last of them what an ensemble with default settings and {@link
   * #measuredWith} does; at least one.
   *
   * @param learned by this fit, with these settings
   * @param members that are asked, known as the columns that were learned from
   */
  List<CascadeMethod> points(LearnedCascade learned, S settings, List<MemberCard> members);
}
