package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.method.routing.PerceptronFit.LabelledState;
import dev.tutti.decoder.method.routing.RecordedSteps.Outcome;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How CDS's classifier is fitted: a {@link Perceptron} of the first member's hidden states along
 * references. Critical is a token where the first member would go on wrong and the second as the
 * reference does, or where it would end what is no answer; not what nobody knows better.
 */
public final class CriticalTokensFit
    implements FittedMethod<RecordedSteps, LearnedEnsemble, CriticalTokensFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "cds";

  /** Where it comes from. */
  public static final String PAPER =
      "Jin et al. 2024, Collaborative decoding of critical tokens for boosting factuality of large"
          + " language models, https://arxiv.org/abs/2402.17982";

  /**
   * Settings of the fit.
   *
   * @param steps most that are recorded
   * @param rate of Adam
   * @param batch steps of the descent
   * @param epochs most, over all steps
   * @param patience epochs without a better one before it ends
   */
  public record Settings(
      @Setting(help = "most steps that are recorded", min = 1, max = 1_000_000) int steps,
      @Setting(help = "length of a step of the descent (Adam)", min = 1e-8, max = 1) double rate,
      @Setting(help = "recorded steps in a step of the descent", min = 1, max = 100_000) int batch,
      @Setting(help = "most times that all recorded steps are gone through", min = 1, max = 10_000)
          int epochs,
      @Setting(
              help =
                  "ends after so many times without a better result on the fifth that is watched",
              min = 1,
              max = 10_000)
          int patience) {

    /** As those of {@link TokenRouterFit}. */
    public static final Settings DEFAULTS = new Settings(20_000, 1e-3, 80, 30, 5);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return Members.exactly(2);
  }

  @Override
  public CriticalTokens fit(RecordedSteps data, Settings settings, RandomGenerator random) {
    List<LabelledState> states =
        data.steps().getFirst().stream()
            .map(s -> new LabelledState(s.hidden(), s.outcome() instanceof Outcome.Wrong))
            .toList();
    if (states.isEmpty()) {
      throw new IllegalArgumentException(
          "Of '%s' no step is recorded: no question with a reference fits it."
              .formatted(data.members().getFirst()));
    }
    return new CriticalTokens(
        data.members().getFirst(),
        new PerceptronFit(states, random)
            .fit(
                settings.rate(), settings.batch(), settings.epochs(), settings.patience(), random));
  }

  @Override
  public CriticalTokens read(Parameters parameters) {
    return CriticalTokens.read(parameters);
  }

  @Override
  public Parameters parameters(LearnedEnsemble learned) {
    return learned.parameters();
  }
}
