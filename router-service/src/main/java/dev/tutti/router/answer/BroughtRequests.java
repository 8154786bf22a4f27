package dev.tutti.router.answer;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.kit.grpc.Usages;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.Recipe;
import dev.tutti.router.answer.CallerRecipes.Whose;
import dev.tutti.router.budget.Budgets;
import dev.tutti.router.decision.DecisionLog;
import dev.tutti.router.decision.Nested;
import dev.tutti.router.limit.Admission;
import dev.tutti.router.limit.Limits;
import dev.tutti.router.members.Entry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Has another service look at answers that a caller brings along: within the ensemble's time and
 * budget, and the decision is kept.
 */
@ApplicationScoped
class BroughtRequests {

  /**
   * What is asked of the other service.
   *
   * @param <R> its response
   */
  interface Work<R> {

    /** What it may cost at most, US dollars; empty where it can cost nothing. */
    OptionalDouble usd(Recipe recipe);

    /** Asks for it. */
    R ask(Recipe recipe);

    /** What came of it: with the decision, and what it did cost. */
    Completion completion(R response);
  }

  private final CallerRecipes recipes;
  private final Budgets budgets;
  private final DecisionLog decisions;
  private final RequestMetrics metrics;
  private final Limits limits;

  BroughtRequests(
      CallerRecipes recipes,
      Budgets budgets,
      DecisionLog decisions,
      RequestMetrics metrics,
      Limits limits) {
    this.limits = limits;
    this.recipes = recipes;
    this.budgets = budgets;
    this.decisions = decisions;
    this.metrics = metrics;
  }

  /**
   * Has it done.
   *
   * @param question as for {@link CallerRecipes#of}; it has an id
   * @throws FailureException where something of it is wrong, or it could not be done
   */
  <R> R answer(GenerateRequest question, Family family, List<Whose> answers, Work<R> work) {
    Entry.Elsewhere entry;
    Admission admission;
    try {
      RequestRules.check(question);
      entry = recipes.of(question, family, answers);
      decisions.awaitRoom();
      admission = admit(question, work.usd(entry.recipe()));
    } catch (RuntimeException e) {
      metrics.refused(e);
      throw e;
    }
    var running = metrics.start(entry.name(), 0);
    var response = new AtomicReference<R>();
    String id = question.getRequestId();
    Result result =
        admission.spend(
            () ->
                TimeLimit.keep(entry.recipe(), () -> Result.of(() -> paid(entry, work, response))),
            its -> its.spend().tokens(),
            its -> its.spend().usd().doubleValue());
    switch (result) {
      case Result.Answered its -> {
        decisions.keep(
            Nested.identified(its.completion().getDecision().toBuilder().setId(id).build()),
            its.spend(),
            running.ending(false, OptionalDouble.empty()));
        running.answered(its.spend());
        return response.get();
      }
      case Result.Failed its -> {
        running.failed(its.why(), its.spend());
        if (Usages.isSomething(its.spent())) {
          String why = FailureStatus.fromThrowable(its.why()).message();
          decisions.keep(
              Nested.identified(Decisions.failed(id, entry, why)),
              its.spend(),
              running.ending(its.isFault(), OptionalDouble.empty()));
        }
        throw its.why();
      }
    }
  }

  private Admission admit(GenerateRequest question, OptionalDouble usd) {
    CostEstimate estimate = CostEstimate.of(question.getMessagesList(), question.getSampling());
    return usd.isEmpty()
        ? limits.admit(0, 0)
        : limits.admit(
            (double) estimate.promptTokens() + estimate.completionTokens(), usd.getAsDouble());
  }

  /** What may be spent is taken from the budget; what costs nothing needs none. */
  private <R> Result paid(Entry.Elsewhere entry, Work<R> work, AtomicReference<R> response) {
    OptionalDouble usd = work.usd(entry.recipe());
    Supplier<Result> asked = () -> Result.of(() -> asked(entry, work, usd.orElse(0), response));
    return usd.isEmpty()
        ? asked.get()
        : budgets
            .take(entry.recipe(), usd.getAsDouble())
            .spend(asked, result -> result.spend().usd().doubleValue());
  }

  /** One that breaks off tells no bill: what it may have cost by then is taken for it. */
  private static <R> Result asked(
      Entry.Elsewhere entry, Work<R> work, double usd, AtomicReference<R> response) {
    long start = System.nanoTime();
    try {
      response.set(work.ask(entry.recipe()));
      return new Result.Answered(work.completion(response.get()));
    } catch (FailureException e) {
      // Whoever was away or refused has asked nobody, and who failed says what it used.
      boolean brokenOff =
          e.failure() instanceof Failure.DeadlineExceeded
              || e.failure() instanceof Failure.Cancelled
              || e.failure() instanceof Failure.Internal;
      Spent spent =
          brokenOff && !Usages.isSomething(e.spent())
              ? Spent.newBuilder().setCostUsd(usd).build()
              : e.spent();
      return new Result.Failed(translated(entry, start, e), spent);
    }
  }

  /** What is wrong with the answers, or with a recipe of the caller's own, is the caller's. */
  private static RuntimeException translated(
      Entry.Elsewhere entry, long start, FailureException e) {
    if (e.failure() instanceof Failure.InvalidArgument f) {
      if (f.field().equals("answer_schema")) {
        return naming("response_format.json_schema.schema", f, e);
      }
      if (entry.version() == 0) {
        String field = f.field().startsWith("recipe.") ? f.field().substring(7) : f.field();
        return naming(field, f, e);
      }
    }
    return NeighbourFailures.translate(entry.name(), start, e);
  }

  private static FailureException naming(
      String field, Failure.InvalidArgument f, FailureException cause) {
    return new FailureException(new Failure.InvalidArgument(field, f.reason(), f.message()), cause);
  }
}
