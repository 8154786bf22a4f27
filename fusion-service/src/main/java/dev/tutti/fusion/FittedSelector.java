package dev.tutti.fusion;

import dev.tutti.learning.FittedMethod;
import java.util.Set;

/**
 * A selector that is fitted to recorded answers. Thread-safe.
 *
 * @param <S> settings of its fit
 */
public interface FittedSelector<S extends Record>
    extends FittedMethod<RecordedAnswers, LearnedFusion, S> {

  /**
   * What it looks at beside the answers, also when it learns; never {@link Evidence.Kind#SCORES},
   * since nobody is asked to judge recorded answers.
   */
  default Set<Evidence.Kind> evidence() {
    return Set.of();
  }

  /**
   * Bytes that learning takes at most, beside the answers that it learns from; 0 where it is less
   * than these.
   *
   * @param answers that it learns from
   * @param members how many gave them
   */
  default long bytes(long answers, int members, S settings) {
    return 0;
  }

  /**
   * The method as its fit measures it on what was held out.
   *
   * @param learned by this fit, with these settings
   */
  Selector selector(LearnedFusion learned, S settings);
}
