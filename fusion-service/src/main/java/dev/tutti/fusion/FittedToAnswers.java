package dev.tutti.fusion;

import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A method that is fitted to recorded answers with their texts, and measured as a selector.
 *
 * @param <L> what it learns
 * @param <S> settings of its fit
 * @param <R> settings of the method
 */
public interface FittedToAnswers<
        L extends LearnedFusion, S extends Record, R extends Record & Fitted.Settings>
    extends FittedFusion<RecordedAnswers, L, S, R> {

  /**
   * What it looks at beside the answers when it learns; never {@link Evidence.Kind#SCORES}, since
   * nobody is asked to judge recorded answers.
   */
  Set<Evidence.Kind> evidence();

  /**
   * Bytes that learning takes at most, beside the answers that it learns from; 0 where that is less
   * than these.
   *
   * @param answers that it learns from
   * @param members how many gave them
   */
  default long bytes(long answers, int members, S settings) {
    return 0;
  }

  @Override
  L fit(RecordedAnswers data, S settings, RandomGenerator random);

  /** The choice as its fit measures it on what was held out. */
  Selector selector(L learned, S settings);
}
