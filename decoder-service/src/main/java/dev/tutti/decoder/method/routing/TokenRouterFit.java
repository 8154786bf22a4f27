package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How CITER's routers are fitted: to whether each step's token was fine ({@link
 * RecordedSteps#labelled}), a {@link Perceptron} a member but the last, which writes what nobody
 * was trusted with. In the first round what no reference tells is told by the member's own
 * completion, in later ones by that of the routers so far.
 *
 * <p>Departures from the paper: a rate of 1e-3 instead of 1e-7, which is for a model of 1.5 billion
 * parameters; standardised inputs instead of batch normalisation; no dropout, early stopping only.
 */
public final class TokenRouterFit
    implements FittedMethod<RecordedSteps, LearnedEnsemble, TokenRouterFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "citer";

  /** Where it comes from. */
  public static final String PAPER =
      "Zheng et al. 2025, CITER: Collaborative Inference for Efficient Large Language Model"
          + " Decoding with Token-Level Routing, https://arxiv.org/abs/2502.01976";

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param steps most that are recorded of a member
   * @param rounds of labels; from the second on the routers themselves complete
   * @param rate of Adam
   * @param batch steps of the descent
   * @param epochs most, over all steps
   * @param patience epochs without a better one before a round ends
   */
  public record Settings(
      @Setting(
              help =
                  "form in which answers are compared: the final number, the letter of an option,"
                      + " words; auto takes the one that the reference plainly has")
          AnswerForm canonical,
      @Setting(help = "most steps that are recorded of a member", min = 1, max = 1_000_000)
          int steps,
      @Setting(
              help = "rounds of labels; from the second on the routers complete answers themselves",
              min = 1,
              max = 10)
          int rounds,
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

    /** The batch and the patience are the paper's. */
    public static final Settings DEFAULTS =
        new Settings(AnswerForm.AUTO, 20_000, 2, 1e-3, 80, 30, 5);

    /** Rounds that there are where so many steps wait for roll-outs: one where none does. */
    public int rounds(int open) {
      return open > 0 ? rounds : 1;
    }
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
    return new Members(2, 16);
  }

  @Override
  public TokenRouters fit(RecordedSteps data, Settings settings, RandomGenerator random) {
    for (int m = 0; m < data.members().size(); m++) {
      if (data.steps().get(m).isEmpty()) {
        throw new IllegalArgumentException(
            "Of '%s' no step is recorded: no question with a reference fits it."
                .formatted(data.members().get(m)));
      }
    }
    Optional<TokenRouters> routers = Optional.empty();
    for (int round = 0; round < settings.rounds(data.open()); round++) {
      RecordedSteps.Rollout rollout = data.rollouts().by(routers);
      var fitted = new ArrayList<Perceptron>();
      for (int m = 0; m < data.members().size(); m++) {
        fitted.add(
            new PerceptronFit(data.labelled(m, rollout), random)
                .fit(
                    settings.rate(),
                    settings.batch(),
                    settings.epochs(),
                    settings.patience(),
                    random));
      }
      routers = Optional.of(new TokenRouters(data.members(), List.copyOf(fitted)));
    }
    return routers.orElseThrow();
  }

  @Override
  public TokenRouters read(Parameters parameters) {
    return new TokenRouters(parameters);
  }

  @Override
  public Parameters parameters(LearnedEnsemble learned) {
    return learned.parameters();
  }
}
