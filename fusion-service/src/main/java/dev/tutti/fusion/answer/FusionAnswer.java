package dev.tutti.fusion.answer;

import com.google.protobuf.util.Durations;
import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.Deliberation.Weighed;
import dev.tutti.fusion.Fitted;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.calls.Brought;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.CallRunner;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.MemberAnswer;
import dev.tutti.kit.calls.Outcome;
import dev.tutti.kit.calls.Patience;
import dev.tutti.kit.calls.Reply;
import dev.tutti.kit.grpc.CostEstimate;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.MemberFailures;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.kit.grpc.Stages;
import dev.tutti.learning.FitQuality;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One request's way: make the calls that the method wants, round by round, and give the answer that
 * it chooses or has written. Calls that cannot change it any more are not waited for ({@link
 * Patience}).
 */
public final class FusionAnswer implements CallRunner.Listener {

  private static final int MOST_ROUNDS = 64;

  private final RecipeRequest request;
  private final Deliberation deliberation;
  private final Optional<Fitted> fitted;
  private final Optional<FitQuality> quality;
  private final CallRunner runner;
  private final Reply reply;

  private final Patience patience = new Patience();
  private int asked;

  /** Those that the caller brings along, until the method first asks for some. */
  private List<Brought> brought;

  private int firstBrought;
  private Optional<Weighed> weighed = Optional.empty();
  private int given = -1;

  /**
   * Of a request that a method answers.
   *
   * @param brought answers of the caller's, which take the place of those that the method asks for
   *     first; empty where it is to ask for them
   * @param fitted what the method stands on; empty where it stands on nothing that was fitted
   * @param quality of the fit that the method stands on; empty where it stands on none, or nobody
   *     knows
   */
  public FusionAnswer(
      RecipeRequest request,
      Deliberation deliberation,
      Optional<Fitted> fitted,
      Optional<FitQuality> quality,
      List<Brought> brought,
      CallRunner runner,
      EventSink<GenerateResponse> sink) {
    this.brought = brought;
    this.request = request;
    this.deliberation = deliberation;
    this.fitted = fitted;
    this.quality = quality;
    this.runner = runner;
    this.reply = new Reply(runner, sink);
  }

  /**
   * Answers.
   *
   * @return share of the weight that is behind the answer, in [0, 1]; empty where none was weighed,
   *     or nobody compared them
   */
  public OptionalDouble answer() {
    boolean exhausted = false;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Episode episode = exhausted ? runner.episode().exhaust() : runner.episode();
      switch (deliberation.next(episode)) {
        case Deliberation.Ask all -> {
          Deliberation.Ask ask = unanswered(all);
          exhausted = exhausted(ask.calls(), exhausted);
          if (exhausted) {
            requireSomeAnswer();
          } else {
            ask(ask, arrived(all));
          }
        }
        case Deliberation.Write write -> {
          exhausted = exhausted(List.of(write.call()), exhausted);
          if (!exhausted && write(write)) {
            return OptionalDouble.empty();
          }
        }
        case Deliberation.Give give -> {
          OptionalDouble agreement =
              give.compared()
                  ? OptionalDouble.of(give.weighed().weighing().agreement())
                  : OptionalDouble.empty();
          give(give.weighed(), give.text(), agreement);
          return agreement;
        }
        case Deliberation.Abstain abstain -> {
          reply.progress("abstained", "", abstain.explanation(), 1);
          complete(Reply.abstention(), decision(abstain.weighed(), -1, abstain.explanation()));
          return OptionalDouble.empty();
        }
      }
    }
    throw new IllegalStateException(
        "%s asked for more than %d rounds.".formatted(request.recipe().getMethod(), MOST_ROUNDS));
  }

  /**
   * Whether the budget forbids these calls.
   *
   * @throws dev.tutti.kit.grpc.FailureException ({@link Failure.FailedPrecondition}) where no
   *     member has been asked yet
   */
  private boolean exhausted(List<Call> calls, boolean already) {
    if (already) {
      throw new IllegalStateException(
          "%s asks on beyond the budget.".formatted(request.recipe().getMethod()));
    }
    OptionalDouble usd = runner.costs().beyond(calls);
    if (usd.isPresent()
        && runner.log().outcomes().stream().allMatch(o -> o.asked().member() == Call.PLATFORM)) {
      CostEstimate each =
          calls.stream()
              .filter(Call.Generate.class::isInstance)
              .map(call -> runner.costs().estimate((Call.Generate) call))
              .max(Comparator.comparingLong(CostEstimate::completionTokens))
              .orElse(CostEstimate.of(request.messages(), request.sampling()));
      throw new Failure.FailedPrecondition(
              "recipe.budget.usd_per_request",
              "BUDGET_TOO_SMALL",
              ("Asking for %d answers would cost about %.3g USD (%d prompt and up to %d completion"
                      + " tokens each); the budget is %.3g USD. Fewer max_tokens cost less.")
                  .formatted(
                      calls.stream().mapToInt(Call::samples).sum(),
                      usd.getAsDouble(),
                      each.promptTokens(),
                      each.completionTokens(),
                      request.budgetUsd().orElseThrow()))
          .exception();
    }
    return usd.isPresent();
  }

  /** Without what the caller has brought answers for. */
  private Deliberation.Ask unanswered(Deliberation.Ask ask) {
    return brought.isEmpty()
        ? ask
        : new Deliberation.Ask(
            ask.calls().stream().filter(call -> !(call instanceof Call.Generate)).toList(),
            ask.turns());
  }

  /** What was brought, once, where these calls ask for it; said to be for what they are for. */
  private List<Brought> arrived(Deliberation.Ask ask) {
    List<Call> wanted = ask.calls().stream().filter(Call.Generate.class::isInstance).toList();
    if (wanted.isEmpty() || brought.isEmpty()) {
      return List.of();
    }
    List<Brought> arrived =
        brought.stream()
            .map(
                its ->
                    new Brought(
                        its.member(),
                        wanted.stream()
                            .filter(call -> call.member() == its.member())
                            .findFirst()
                            .orElse(wanted.getFirst())
                            .purpose(),
                        its.answer()))
            .toList();
    brought = List.of();
    firstBrought = runner.log().outcomes().size();
    return arrived;
  }

  private void ask(Deliberation.Ask ask, List<Brought> arrived) {
    patience.begin(ask.calls());
    asked = patience.pending();
    for (Call call : ask.calls()) {
      if (call.member() != Call.PLATFORM) {
        reply.progress(Stages.ASKING, name(call.member()), round(), 0);
      }
    }
    runner.run(ask.calls(), arrived, ask.turns(), this);
    if (!deliberation.asksOn(runner.episode())) {
      requireSomeAnswer();
    }
  }

  /** Tells the round that begins now, from the second one on. */
  private String round() {
    int before = runner.log().outcomes().stream().mapToInt(o -> o.asked().round()).max().orElse(0);
    return before == 0 ? "" : "Round %d.".formatted(before + 1);
  }

  private void requireSomeAnswer() {
    if (runner.log().answers().isEmpty()) {
      throw MemberFailures.combined(runner.log().failures());
    }
  }

  @Override
  public void heard(Outcome outcome) {
    int member = outcome.asked().member();
    patience.heard(
        outcome,
        pending -> deliberation.isSettled(runner.episode(), pending),
        pending -> deliberation.isEnough(runner.episode(), pending));
    double fraction = (double) (asked - patience.pending()) / asked;
    if (member != Call.PLATFORM) {
      String stage =
          switch (outcome) {
            case Outcome.Answered _ -> "answered";
            case Outcome.Scored _ -> "scored";
            case Outcome.Embedded _ -> "embedded";
            case Outcome.Failed _ -> Stages.FAILED;
            case Outcome.Unneeded _ -> "unneeded";
          };
      String message = outcome instanceof Outcome.Failed failed ? failed.failure().message() : "";
      reply.progress(stage, name(member), message, fraction);
    }
  }

  @Override
  public Optional<Duration> patience() {
    return patience.left();
  }

  private String name(int member) {
    return RecipeRequest.name(request.members().get(member));
  }

  /** Whether the answer was written. */
  private boolean write(Deliberation.Write write) {
    int member = write.call().member();
    reply.progress(Stages.ASKING, name(member), round(), 0);
    Outcome outcome =
        runner.runLive(
            write.call(),
            1,
            delta -> {
              if (!reply.isBegun() && delta.getText().isEmpty()) {
                return;
              }
              if (!reply.isBegun()) {
                reply.begin(name(member), 1);
              }
              reply.pass(delta);
            });
    if (outcome instanceof Outcome.Failed failed) {
      if (reply.isBegun()) {
        // Text of this answer is out already; another answer cannot take its place.
        throw failed.failure().exception();
      }
      reply.progress(Stages.FAILED, name(member), failed.failure().message(), 1);
      requireSomeAnswer();
      return false;
    }
    MemberAnswer answer = ((Outcome.Answered) outcome).answer();
    if (!reply.isBegun()
        && answer.completion().getText().isBlank()
        && answer.completion().getToolCallsCount() == 0) {
      reply.progress(Stages.FAILED, name(member), "It wrote nothing.", 1);
      return false;
    }
    int place = runner.log().outcomes().size() - 1;
    complete(Reply.of(answer), decision(write.weighed(), place, write.explanation()));
    return true;
  }

  private void give(Weighed weighed, Optional<String> text, OptionalDouble agreement) {
    int place = weighed.stages().get(weighed.weighing().chosen().orElseThrow());
    var chosen = ((Outcome.Answered) runner.log().outcomes().get(place)).answer();
    reply.begin(chosen.member(), 1);
    Completion.Builder completion = Reply.of(chosen);
    if (text.isPresent()) {
      reply.pass(TextDelta.newBuilder().setText(text.get()).build());
      // What was measured is about a text that is not given.
      completion.setText(text.get()).clearSignals();
    } else {
      chosen.deltas().forEach(reply::pass);
    }
    agreement.ifPresent(completion.getSignalsBuilder()::setAgreement);
    reply.complete(
        completion,
        decision(Optional.of(weighed), place, weighed.weighing().explanation()),
        chosen.completion().getTiming().getQueued());
  }

  /** The answers that were weighed, once there is an answer; empty where none were. */
  Optional<Weighed> weighed() {
    return weighed;
  }

  /** Place among the stages of the first of those that were brought along. */
  int firstBrought() {
    return firstBrought;
  }

  /** Place among the stages of the answer that was given, or written; -1 where none was. */
  int given() {
    return given;
  }

  private Decision.Builder decision(Optional<Weighed> weighed, int given, String explanation) {
    this.weighed = weighed;
    this.given = given;
    Decision.Builder decision = FusionDecision.of(request, runner, weighed, given, explanation);
    quality.ifPresent(its -> FusionDecision.tell(its, decision));
    fitted.ifPresent(its -> decision.setArtifact(its.artifact()).setArtifactVersion(its.version()));
    return decision;
  }

  private void complete(Completion.Builder completion, Decision.Builder decision) {
    reply.complete(completion, decision, Durations.ZERO);
  }
}
