package dev.tutti.decoder.learning;

import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.method.routing.CriticalTokens;
import dev.tutti.decoder.method.routing.CriticalTokensFit;
import dev.tutti.decoder.method.routing.ExpertTokens;
import dev.tutti.decoder.method.routing.ExpertTokensFit;
import dev.tutti.decoder.method.routing.ExpertTrialWalk;
import dev.tutti.decoder.method.routing.Reference;
import dev.tutti.decoder.method.routing.ReferenceWalk;
import dev.tutti.decoder.method.routing.TokenRouterFit;
import dev.tutti.decoder.method.routing.TokenRouters;
import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a method records what models do along references, and learns from it. For one thread.
 *
 * @param <T> what it learns
 */
interface Recording<T extends LearnedEnsemble> {

  /** Has the models walk a reference; tells whether it fits them. */
  boolean walk(Reference reference);

  /** Whether there is enough. */
  boolean isFull();

  /** What was recorded so far. */
  int steps();

  /**
   * Learns.
   *
   * @throws IllegalArgumentException when there is nothing to learn from
   */
  T fit(RandomGenerator random);

  /** Whether the ensemble of these models answers a question right. */
  boolean answers(Reference reference, T learned);

  /**
   * That of a method.
   *
   * @param models in the order of the members; open as long as it is used
   * @throws dev.tutti.kit.grpc.FailureException when the method cannot use them
   */
  static Recording<?> of(FitRequest request, List<LanguageModel> models) {
    try {
      return switch (request.method()) {
        case TokenRouterFit method -> new Routers(method, request.settings(method), models);
        case ExpertTokensFit method -> new Experts(method, request.settings(method), models);
        case CriticalTokensFit method -> new Critical(method, request.settings(method), models);
        default ->
            throw new IllegalStateException(
                "%s is not fitted here.".formatted(request.method().name()));
      };
    } catch (IllegalArgumentException e) {
      throw FitRequest.refused("members", e.getMessage());
    }
  }

  /** CITER's. */
  record Routers(TokenRouterFit method, TokenRouterFit.Settings settings, ReferenceWalk walk)
      implements Recording<TokenRouters> {

    Routers(TokenRouterFit method, TokenRouterFit.Settings settings, List<LanguageModel> models) {
      this(method, settings, new ReferenceWalk(models, settings.canonical()));
    }

    @Override
    public boolean walk(Reference reference) {
      return walk.walk(reference);
    }

    @Override
    public boolean isFull() {
      return walk.least() >= settings.steps();
    }

    @Override
    public int steps() {
      return walk.steps();
    }

    @Override
    public TokenRouters fit(RandomGenerator random) {
      return method.fit(walk.recorded(), settings, random);
    }

    @Override
    public boolean answers(Reference reference, TokenRouters learned) {
      return walk.answers(reference, learned);
    }
  }

  /** CDS's. */
  record Critical(CriticalTokensFit method, CriticalTokensFit.Settings settings, ReferenceWalk walk)
      implements Recording<CriticalTokens> {

    Critical(
        CriticalTokensFit method, CriticalTokensFit.Settings settings, List<LanguageModel> models) {
      this(method, settings, new ReferenceWalk(models, AnswerForm.AUTO));
    }

    @Override
    public boolean walk(Reference reference) {
      return walk.walk(reference);
    }

    @Override
    public boolean isFull() {
      return walk.least() >= settings.steps();
    }

    @Override
    public int steps() {
      return walk.steps();
    }

    @Override
    public CriticalTokens fit(RandomGenerator random) {
      return method.fit(walk.recorded(), settings, random);
    }

    @Override
    public boolean answers(Reference reference, CriticalTokens learned) {
      return walk.answers(reference, learned);
    }
  }

  /** ETR's. */
  final class Experts implements Recording<ExpertTokens> {

    private final ExpertTokensFit method;
    private final ExpertTokensFit.Settings settings;
    private final ExpertTrialWalk walk;
    private int questions;

    Experts(ExpertTokensFit method, ExpertTokensFit.Settings settings, List<LanguageModel> models) {
      this.method = method;
      this.settings = settings;
      this.walk = new ExpertTrialWalk(models, settings.canonical());
    }

    @Override
    public boolean walk(Reference reference) {
      boolean walked = walk.walk(reference);
      questions += walked ? 1 : 0;
      return walked;
    }

    @Override
    public boolean isFull() {
      return questions >= settings.questions();
    }

    @Override
    public int steps() {
      return walk.steps();
    }

    @Override
    public ExpertTokens fit(RandomGenerator random) {
      return method.fit(walk.recorded(), settings, random);
    }

    @Override
    public boolean answers(Reference reference, ExpertTokens learned) {
      return walk.answers(reference, learned);
    }
  }
}
