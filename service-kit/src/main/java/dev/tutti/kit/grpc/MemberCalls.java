package dev.tutti.kit.grpc;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.Sampling;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Calls the members of an ensemble: models at decoder-service, ensembles at router-service.
 * Thread-safe. Each call is timed as {@code tutti_member_call_seconds}.
 */
public final class MemberCalls {

  /** Share of the time left that is kept back, so that a member that hangs is given up in time. */
  private static final int RESERVE_DIVISOR = 20;

  private static final long MAX_RESERVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final GenerationServiceBlockingStub decoder;
  private final GenerationServiceBlockingStub router;
  private final MeterRegistry metrics;

  /** Calls through these stubs. */
  public MemberCalls(
      GenerationServiceBlockingStub decoder,
      GenerationServiceBlockingStub router,
      MeterRegistry metrics) {
    this.decoder = decoder;
    this.router = router;
    this.metrics = metrics;
  }

  /**
   * Asks one member and waits for the whole of its answer. The member gets its share of 95 % of the
   * time that is left (of all but 1 s where that is more), so that one that hangs is a failed
   * member and not a failed request. Call it within the gRPC context of the request: its end
   * cancels the call, and so does an interrupt of this thread.
   *
   * @param request of the ensemble
   * @param sampling that this member gets
   * @param turns calls that share the time left one after the other, this one included; at least 1
   * @param listener gets each piece of text as it arrives
   * @throws FailureException when the member failed, ended without a completion, or abstained
   *     ({@link Failure.FailedPrecondition} with reason {@code MEMBER_ABSTAINED}), or its content
   *     filter let nothing be said ({@link Failure.InvalidArgument}); it tells what was used all
   *     the same
   * @throws CancelledException when the caller of the ensemble left, or this thread was
   *     interrupted; it tells what was used by then
   */
  public MemberAnswer ask(
      RecipeRequest request,
      Member member,
      Sampling sampling,
      int turns,
      Consumer<TextDelta> listener) {
    Timer.Sample clock = Timer.start(metrics);
    String outcome = "CANCELLED";
    long start = System.nanoTime();
    try {
      MemberAnswer answer = collect(request, member, sampling, turns, listener);
      outcome = "OK";
      return answer;
    } catch (FailureException e) {
      if (e.failure() instanceof Failure.Cancelled
          && (Thread.currentThread().isInterrupted() || Context.current().isCancelled())) {
        throw new CancelledException(e.spent());
      }
      outcome = FailureStatus.outcome(e.failure());
      throw FailureStatus.naming(e, RecipeRequest.name(member), start);
    } finally {
      clock.stop(
          Timer.builder("tutti.member.call")
              .description("Calls of members, by the service that was asked and the outcome")
              .tags("service", member.hasEnsemble() ? "router" : "decoder", "outcome", outcome)
              .register(metrics));
    }
  }

  private MemberAnswer collect(
      RecipeRequest request,
      Member member,
      Sampling sampling,
      int turns,
      Consumer<TextDelta> listener) {
    String name = RecipeRequest.name(member);
    var stub = giveUpInTime(Deadlines.apply(member.hasEnsemble() ? router : decoder), turns);
    var next = request.forMember(member, sampling);
    var deltas = new ArrayList<TextDelta>();
    var delivered = new Delivered(List.of(member), next);
    Completion completion = null;
    try (var events = ClientStream.open(() -> stub.generate(next))) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        delivered.note(event);
        switch (event.getEventCase()) {
          case DELTA -> {
            deltas.add(event.getDelta());
            listener.accept(event.getDelta());
          }
          case COMPLETION -> completion = event.getCompletion();
          // A member's own progress is its own affair.
          case PROGRESS, SPENT, WIRE, EVENT_NOT_SET -> {}
        }
      }
    } catch (FailureException e) {
      throw new FailureException(e.failure(), e, delivered.bill(e.failure()));
    }
    if (completion == null) {
      var incomplete =
          new Failure.Unavailable(
              "INCOMPLETE_ANSWER", "'%s' ended its answer without a completion.".formatted(name));
      throw new FailureException(incomplete, null, delivered.bill(incomplete));
    }
    if (completion.getFinishReason() == FinishReason.FINISH_REASON_ABSTAIN) {
      throw new FailureException(
          new Failure.FailedPrecondition("", "MEMBER_ABSTAINED", "'%s' abstained.".formatted(name)),
          null,
          MemberAnswer.spent(completion));
    }
    if (completion.getFinishReason() == FinishReason.FINISH_REASON_CONTENT_FILTER
        && completion.getText().isEmpty()) {
      // Not an empty answer: it takes part in nothing.
      throw new FailureException(
          new Failure.InvalidArgument(
              "",
              "CONTENT_FILTER",
              "The content filter of '%s' let nothing be said.".formatted(name)),
          null,
          MemberAnswer.spent(completion));
    }
    return new MemberAnswer(name, deltas, completion);
  }

  private static GenerationServiceBlockingStub giveUpInTime(
      GenerationServiceBlockingStub stub, int turns) {
    Deadline deadline = stub.getCallOptions().getDeadline();
    long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
    long reserve = Math.clamp(left / RESERVE_DIVISOR, 0, MAX_RESERVE_NANOS);
    long kept = reserve + Math.max(0, left - reserve) / turns * (turns - 1);
    return stub.withDeadline(deadline.offset(-kept, TimeUnit.NANOSECONDS));
  }
}
