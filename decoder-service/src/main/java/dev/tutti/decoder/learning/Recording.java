package dev.tutti.decoder.learning;

import dev.tutti.decoder.FittedOn;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.method.routing.CdsEnsemble;
import dev.tutti.decoder.method.routing.CiterEnsemble;
import dev.tutti.decoder.method.routing.CriticalTokens;
import dev.tutti.decoder.method.routing.CriticalTokensFit;
import dev.tutti.decoder.method.routing.EtrEnsemble;
import dev.tutti.decoder.method.routing.ExpertTokens;
import dev.tutti.decoder.method.routing.ExpertTokensFit;
import dev.tutti.decoder.method.routing.ExpertTrialWalk;
import dev.tutti.decoder.method.routing.RecordedSteps;
import dev.tutti.decoder.method.routing.ReferenceWalk;
import dev.tutti.decoder.method.routing.TokenRouterFit;
import dev.tutti.decoder.method.routing.TokenRouters;
import dev.tutti.decoder.method.routing.Walk;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.FittedMethod;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * How a method records what models do along references, and learns from it. For one thread.
 *
 * @param <T> what it learns
 * @param walk records
 * @param read how many models tell hidden states that are learned from: the first ones
 * @param form in which answers are compared
 * @param learning from what was recorded; throws {@link IllegalArgumentException} where that is
 *     nothing to learn from
 * @param method that stands on what was learned, without chance
 */
record Recording<T extends LearnedEnsemble>(
    Walk walk, int read, AnswerForm form, Learning<T> learning, Function<T, JointEnsemble> method) {

  /**
   * Learns.
   *
   * @param <T> what is learned
   */
  @FunctionalInterface
  interface Learning<T> {

    /**
     * From what was recorded.
     *
     * @param telling who tells and bounds the roll-outs that it takes
     */
    T learn(Telling telling, RandomGenerator random);
  }

  /** Somebody who tells of roll-outs, and bounds them. */
  @FunctionalInterface
  interface Telling {

    /**
     * The same roll-outs.
     *
     * @param total how many there will be
     */
    RecordedSteps.Rollouts of(RecordedSteps.Rollouts rollouts, long total);
  }

  /**
   * Sessions that a method has open at once of members that run here, as it records and as its
   * ensemble answers.
   *
   * @param here of each member whether it runs here
   */
  static int sessions(FittedMethod<?, ?, ?> method, List<Boolean> here) {
    int all = Collections.frequency(here, true);
    // The meta model reads the reference while one after the other answers, itself among them.
    int recording = all == 0 ? 0 : here.getFirst() ? 2 : 1;
    return method instanceof ExpertTokensFit ? Math.max(all, recording) : all;
  }

  /**
   * That of a method.
   *
   * @param models in the order of the members; open as long as it is used
   * @param outcomes of answers that it has written as it records
   * @throws IllegalArgumentException when the method cannot use them
   */
  static Recording<?> of(FitRequest request, List<LanguageModel> models, KeptOutcomes outcomes) {
    return switch (request.method()) {
      case TokenRouterFit method -> routers(method, request.settings(method), models);
      case ExpertTokensFit method -> experts(method, request.settings(method), models, outcomes);
      case CriticalTokensFit method -> critical(method, request.settings(method), models);
      default ->
          throw new IllegalStateException(
              "%s is not fitted here.".formatted(request.method().name()));
    };
  }

  /** CITER's: the last member needs no router. */
  private static Recording<TokenRouters> routers(
      TokenRouterFit method, TokenRouterFit.Settings settings, List<LanguageModel> models) {
    var walk =
        new ReferenceWalk(
            method.name(), models, models.size() - 1, settings.steps(), settings.canonical());
    return new Recording<>(
        walk,
        models.size() - 1,
        settings.canonical(),
        (telling, random) -> {
          RecordedSteps steps = walk.recorded();
          long total = (long) steps.open() * settings.rounds(steps.open());
          return method.fit(
              steps.completedBy(telling.of(steps.rollouts(), total)), settings, random);
        },
        learned -> new CiterEnsemble(CiterEnsemble.Settings.DEFAULTS, learned, FittedOn.NOTHING));
  }

  /** CDS's: of the first member only. */
  private static Recording<CriticalTokens> critical(
      CriticalTokensFit method, CriticalTokensFit.Settings settings, List<LanguageModel> models) {
    var walk = new ReferenceWalk(method.name(), models, 1, settings.steps(), AnswerForm.AUTO);
    return new Recording<>(
        walk,
        1,
        AnswerForm.AUTO,
        (_, random) -> method.fit(walk.recorded(), settings, random),
        learned -> new CdsEnsemble(CdsEnsemble.Settings.DEFAULTS, learned, FittedOn.NOTHING));
  }

  /** ETR's. */
  private static Recording<ExpertTokens> experts(
      ExpertTokensFit method,
      ExpertTokensFit.Settings settings,
      List<LanguageModel> models,
      KeptOutcomes outcomes) {
    var walk =
        new ExpertTrialWalk(models, settings.questions(), settings.canonical(), outcomes::of);
    return new Recording<>(
        walk,
        1,
        settings.canonical(),
        (_, random) -> method.fit(walk.recorded(), settings, random),
        learned -> new EtrEnsemble(EtrEnsemble.Settings.DEFAULTS, learned, FittedOn.NOTHING));
  }
}
