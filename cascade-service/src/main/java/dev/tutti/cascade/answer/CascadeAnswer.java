package dev.tutti.cascade.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.cascade.Policy;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.calls.Patience;
import dev.tutti.kit.calls.Reply;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Stages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/**
 * One request's way: ask whom the policy wants asked, until it takes an answer, or gives none.
 * Calls that cannot change its next step are not waited for ({@link Patience}).
 */
final class CascadeAnswer implements CallRunner.Listener {

  static final int MOST_ROUNDS = 256;

  private final RecipeRequest request;
  private final Policy policy;
  private final Optional<Footing> footing;
  private final CallRunner runner;
  private final AnswerSink sink;
  private final Reply reply;
  private final BiFunction<Outcome.Answered, Policy.Accept, String> keep;
  private final Patience patience = new Patience();

  /**
   * Of a request that a policy answers.
   *
   * @param footing what its method stands on
   * @param keep hears of the answer that is given before its end is told, and says what the
   *     decision tells of that; may be empty
   */
  CascadeAnswer(
      RecipeRequest request,
      Policy policy,
      Optional<Footing> footing,
      CallRunner runner,
      AnswerSink sink,
      BiFunction<Outcome.Answered, Policy.Accept, String> keep) {
    this.request = request;
    this.policy = policy;
    this.footing = footing;
    this.keep = keep;
    this.runner = runner;
    this.sink = sink;
    this.reply = new Reply(runner, sink);
  }

  /**
   * Answers.
   *
   * @return number of members that were asked
   */
  public int answer() {
    OptionalDouble tooDear = OptionalDouble.empty();
    Policy.Step step = policy.next(runner.episode());
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (step instanceof Policy.Ask ask) {
        if (tooDear.isPresent()) {
          throw asksBeyondBudget(request);
        }
        tooDear = runner.costs().beyond(ask.calls());
        if (tooDear.isPresent()) {
          requireBudgetForOne(ask, tooDear);
          step = policy.next(runner.episode().exhaust());
          continue;
        }
      }
      judge(step);
      switch (step) {
        case Policy.Ask ask -> {
          if (asksMember(ask) && latest().isPresent()) {
            progress("deferred", latest().get(), ask.explanation());
          }
          ask(ask);
          step = policy.next(runner.episode());
        }
        case Policy.Accept accept -> {
          var accepted = (Outcome.Answered) runner.log().outcomes().get(accept.stage());
          progress("accepted", accepted, accept.explanation());
          give(accepted, accept, tooDear);
          return asked();
        }
        case Policy.Abstain abstain -> {
          requireSomeAnswer();
          progress("abstained", latest().orElseThrow(), abstain.explanation());
          complete(Reply.abstention(), abstain, tooDear);
          return asked();
        }
      }
    }
    throw tooManyRounds(request);
  }

  /** A method's fault. */
  static IllegalStateException asksBeyondBudget(RecipeRequest request) {
    return new IllegalStateException(
        "%s asks on beyond the budget.".formatted(request.recipe().getMethod()));
  }

  /** A method's fault. */
  static IllegalStateException tooManyRounds(RecipeRequest request) {
    return new IllegalStateException(
        "%s asked for more than %d rounds.".formatted(request.recipe().getMethod(), MOST_ROUNDS));
  }

  /** What a member's call ended as, the latest one's. */
  private Optional<Outcome> latest() {
    int latest = latest(runner.log().outcomes());
    return latest < 0 ? Optional.empty() : Optional.of(runner.log().outcomes().get(latest));
  }

  /** Place of the latest one that is a member's: embeddings say nothing of their own. */
  static int latest(List<Outcome> outcomes) {
    int latest = outcomes.size() - 1;
    while (latest >= 0 && outcomes.get(latest).asked().member() == Call.PLATFORM) {
      latest--;
    }
    return latest;
  }

  private static boolean asksMember(Policy.Ask ask) {
    return ask.calls().stream().anyMatch(call -> call.member() != Call.PLATFORM);
  }

  private void judge(Policy.Step step) {
    int latest = latest(runner.log().outcomes());
    if (latest >= 0) {
      runner.log().judge(latest, step.confidence(), step.threshold());
    }
  }

  private int asked() {
    return (int)
        runner.log().outcomes().stream()
            .mapToInt(outcome -> outcome.asked().member())
            .filter(member -> member != Call.PLATFORM)
            .distinct()
            .count();
  }

  /**
   * What is asked first at least must fit.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.FailedPrecondition})
   */
  private void requireBudgetForOne(Policy.Ask ask, OptionalDouble tooDear) {
    if (latest().isPresent()) {
      return;
    }
    int answers =
        ask.calls().stream()
            .filter(call -> call.member() != Call.PLATFORM)
            .mapToInt(Call::samples)
            .sum();
    throw new Failure.FailedPrecondition(
            "recipe.budget.usd_per_request",
            "BUDGET_TOO_SMALL",
            ("Asking '%s' alone%s would cost about %.3g USD; the budget is %.3g USD. Fewer"
                    + " max_tokens cost less.")
                .formatted(
                    name(ask.first().member()),
                    answers == 1 ? "" : " for %d answers".formatted(answers),
                    tooDear.getAsDouble(),
                    request.budgetUsd().getAsDouble()))
        .exception();
  }

  private void requireSomeAnswer() {
    if (runner.log().answers().isEmpty()) {
      throw MemberFailures.combined(runner.log().failures());
    }
  }

  private void ask(Policy.Ask ask) {
    for (Call call : ask.calls()) {
      if (call.member() != Call.PLATFORM) {
        reply.progress(Stages.ASKING, name(call.member()), "", fraction());
      }
    }
    if (!ask.live()) {
      patience.begin(ask.calls());
      runner.run(ask.calls(), ask.turns(), this);
      return;
    }
    var call = (Call.Generate) ask.calls().getFirst();
    Outcome outcome =
        runner.runLive(
            call,
            ask.turns(),
            delta -> {
              if (!reply.isBegun()) {
                reply.begin(name(call.member()), fraction());
              }
              reply.pass(delta);
            });
    if (outcome instanceof Outcome.Failed failed && reply.isBegun()) {
      // Text of this answer is out already; another answer cannot take its place.
      throw failed.failure().exception();
    }
    tellFailure(outcome);
  }

  @Override
  public void heard(Outcome outcome) {
    patience.heard(outcome, pending -> policy.isSettled(runner.episode(), pending), _ -> false);
    tellFailure(outcome);
  }

  @Override
  public Optional<Duration> patience() {
    return patience.left();
  }

  private void tellFailure(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      progress(Stages.FAILED, outcome, failed.failure().message());
    }
  }

  private void give(Outcome.Answered accepted, Policy.Accept accept, OptionalDouble tooDear) {
    Completion.Builder completion = Reply.of(accepted.answer());
    List<TextDelta> deltas = accepted.live() ? List.of() : accepted.answer().deltas();
    if (accept.reading().isPresent()) {
      String reading = accept.reading().get();
      deltas = List.of(TextDelta.newBuilder().setText(reading).build());
      // What the answer says of itself is of the text that is not given.
      completion.setText(reading).setSignals(Signals.getDefaultInstance());
    }
    deltas.forEach(
        delta -> {
          if (!reply.isBegun()) {
            reply.begin(accepted.answer().member(), fraction());
          }
          reply.pass(delta);
        });
    if (isByRule(accept, tooDear)) {
      sink.accept();
    }
    String kept = keep.apply(accepted, accept);
    String why = (accept.explanation() + " " + kept).strip();
    var told =
        new Policy.Accept(
            accept.stage(), accept.confidence(), accept.threshold(), why, accept.reading());
    complete(completion, told, tooDear);
  }

  /**
   * Whether the rule took the answer, and took it as it would again: nobody failed or ran out of
   * time, nothing was too dear, and no confidence fell short of its threshold.
   */
  private boolean isByRule(Policy.Accept accept, OptionalDouble tooDear) {
    boolean failed = runner.log().outcomes().stream().anyMatch(Outcome.Failed.class::isInstance);
    boolean enough =
        accept.threshold().isEmpty()
            || accept.confidence().orElse(0) >= accept.threshold().getAsDouble();
    return tooDear.isEmpty() && !failed && enough;
  }

  private void complete(Completion.Builder completion, Policy.Step step, OptionalDouble tooDear) {
    Decision.Builder decision = CascadeDecision.of(request, runner, step, tooDear);
    footing.ifPresent(its -> its.tell(decision));
    reply.complete(completion, decision, Durations.ZERO);
  }

  private void progress(String stage, Outcome about, String message) {
    int member = about.asked().member();
    reply.progress(stage, member == Call.PLATFORM ? "" : name(member), message, fraction());
  }

  private double fraction() {
    return (double) asked() / request.members().size();
  }

  private String name(int member) {
    return RecipeRequest.name(request.members().get(member));
  }
}
