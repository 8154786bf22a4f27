package dev.tutti.router;

import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.estimate.EstimatedRouter.Rule;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A line of {@link FittedMethods}: a pretrained method, how it is fitted and how it is read back.
 *
 * @param <S> settings of its fit
 * @param name the field's own name in kebab-case
 * @param summary what it does, in one line
 * @param paper authors, year, where to find it
 * @param type the class that is the estimator
 * @param defaults settings of its fit
 * @param fitter makes it from recorded outcomes
 * @param reader makes it from what was learned before
 * @param members how many it can be fitted to
 * @param rule whom it asks where nobody says otherwise
 * @param answers whether it learns from what the members answered, embedded ({@link
 *     Outcomes#distances}), and from no score
 */
public record FittedEstimator<S extends Record>(
    String name,
    String summary,
    String paper,
    Class<? extends QualityEstimator> type,
    S defaults,
    Fitter<S> fitter,
    Function<Parameters, ? extends QualityEstimator> reader,
    Members members,
    Rule rule,
    boolean answers)
    implements FittedMethod<Outcomes, QualityEstimator, S> {

  /** A method for any number of members, of whom it asks the best. */
  public FittedEstimator(
      String name,
      String summary,
      String paper,
      Class<? extends QualityEstimator> type,
      S defaults,
      Fitter<S> fitter,
      Function<Parameters, ? extends QualityEstimator> reader) {
    this(
        name,
        summary,
        paper,
        type,
        defaults,
        fitter,
        reader,
        Members.atLeast(1),
        Rule.BEST_QUALITY,
        false);
  }

  @Override
  public QualityEstimator fit(Outcomes outcomes, S settings, RandomGenerator random) {
    return fitter.fit(outcomes, settings, random);
  }

  @Override
  public QualityEstimator read(Parameters parameters) {
    return reader.apply(parameters);
  }

  @Override
  public Parameters parameters(QualityEstimator learned) {
    return learned.parameters();
  }

  /**
   * Learns from recorded outcomes.
   *
   * @param <S> its settings
   */
  @FunctionalInterface
  public interface Fitter<S> {

    /**
     * An estimator.
     *
     * @param random the only source of chance: the same one gives the same estimator
     * @throws IllegalArgumentException when the outcomes are nothing that it can learn from
     */
    QualityEstimator fit(Outcomes outcomes, S settings, RandomGenerator random);
  }
}
