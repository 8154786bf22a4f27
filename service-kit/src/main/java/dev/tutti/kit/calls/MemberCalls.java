package dev.tutti.kit.calls;

import dev.tutti.decoder.v1.DecoderServiceGrpc.DecoderServiceBlockingStub;
import dev.tutti.decoder.v1.EmbedRequest;
import dev.tutti.decoder.v1.EmbedResponse;
import dev.tutti.decoder.v1.ScoreRequest;
import dev.tutti.decoder.v1.ScoreResponse;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.ClientStream;
import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Delivered;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.kit.grpc.RecipeRequest;
import dev.tutti.type.v1.Member;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.AbstractStub;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One call of one member: models at decoder-service, ensembles at router-service. Thread-safe. Each
 * call is timed as {@code tutti_member_call_seconds}. Call it within the gRPC context of the
 * request: its end cancels the call, and so does an interrupt of this thread.
 *
 * <p>A call gets its share of 95 % of the time that is left (of all but 1 s where that is more), so
 * that a member that hangs is a failed member and not a failed request.
 */
public final class MemberCalls {

  /** Share of the time left that is kept back, so that a member that hangs is given up in time. */
  private static final int RESERVE_DIVISOR = 20;

  private static final long MAX_RESERVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final GenerationServiceBlockingStub decoder;
  private final GenerationServiceBlockingStub router;
  private final DecoderServiceBlockingStub models;
  private final MeterRegistry metrics;

  /**
   * Calls through these stubs.
   *
   * @param decoder where models write
   * @param router where ensembles do
   * @param models where models score and embed
   */
  public MemberCalls(
      GenerationServiceBlockingStub decoder,
      GenerationServiceBlockingStub router,
      DecoderServiceBlockingStub models,
      MeterRegistry metrics) {
    this.decoder = decoder;
    this.router = router;
    this.models = models;
    this.metrics = metrics;
  }

  /**
   * Asks a member and waits for the whole of its answer.
   *
   * @param next what it is asked
   * @param delivered notes what arrives
   * @param turns calls that share the time left one after the other, this one included; at least 1
   * @param listener gets each piece of text as it arrives, and what was used as it is told
   * @throws FailureException when the member failed, ended without a completion, or abstained
   *     ({@link Failure.FailedPrecondition} with reason {@code MEMBER_ABSTAINED}), or its content
   *     filter let nothing be said ({@link Failure.InvalidArgument}); it tells what was used all
   *     the same
   * @throws CancelledException when the caller of the ensemble left, or this thread was
   *     interrupted; it tells what was used by then
   */
  MemberAnswer write(
      Member member,
      GenerateRequest next,
      Delivered delivered,
      int turns,
      Consumer<GenerateResponse> listener) {
    boolean ensemble = member.hasEnsemble();
    return timed(
        RecipeRequest.name(member),
        ensemble ? "router" : "decoder",
        () ->
            collect(
                RecipeRequest.name(member),
                giveUpInTime(Deadlines.apply(ensemble ? router : decoder), turns),
                next,
                delivered,
                listener));
  }

  /**
   * Has a model score texts.
   *
   * @throws FailureException when it failed
   * @throws CancelledException as for {@link #write}
   */
  ScoreResponse score(ScoreRequest next, int turns) {
    return timed(
        next.getModel(),
        "decoder",
        () -> unary(() -> giveUpInTime(Deadlines.apply(models), turns).score(next)));
  }

  /**
   * Has texts embedded.
   *
   * @throws FailureException when that failed
   * @throws CancelledException as for {@link #write}
   */
  EmbedResponse embed(EmbedRequest next, int turns) {
    return timed(
        next.getModel(),
        "decoder",
        () -> unary(() -> giveUpInTime(Deadlines.apply(models), turns).embed(next)));
  }

  private static <T> T unary(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw new FailureException(FailureStatus.fromThrowable(e), e);
    }
  }

  private <T> T timed(String name, String service, Supplier<T> call) {
    Timer.Sample clock = Timer.start(metrics);
    String outcome = "CANCELLED";
    long start = System.nanoTime();
    try {
      T answer = call.get();
      outcome = "OK";
      return answer;
    } catch (FailureException e) {
      if (e.failure() instanceof Failure.Cancelled
          && (Thread.currentThread().isInterrupted() || Context.current().isCancelled())) {
        throw new CancelledException(e.spent());
      }
      outcome = FailureStatus.outcome(e.failure());
      throw FailureStatus.naming(e, name, start);
    } finally {
      clock.stop(
          Timer.builder("tutti.member.call")
              .description("Calls of members, by the service that was asked and the outcome")
              .tags("service", service, "outcome", outcome)
              .register(metrics));
    }
  }

  private static MemberAnswer collect(
      String name,
      GenerationServiceBlockingStub stub,
      GenerateRequest next,
      Delivered delivered,
      Consumer<GenerateResponse> listener) {
    var deltas = new ArrayList<TextDelta>();
    Completion completion = null;
    try (var events = ClientStream.open(() -> stub.generate(next))) {
      while (events.hasNext()) {
        GenerateResponse event = events.next();
        delivered.note(event);
        switch (event.getEventCase()) {
          case DELTA -> {
            deltas.add(event.getDelta());
            listener.accept(event);
          }
          case COMPLETION -> completion = event.getCompletion();
          case SPENT -> listener.accept(event);
          // A member's own progress is its own affair.
          case PROGRESS, WIRE, EVENT_NOT_SET -> {}
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
    requireSomething(name, completion);
    return new MemberAnswer(name, deltas, completion);
  }

  private static void requireSomething(String name, Completion completion) {
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
  }

  private static <S extends AbstractStub<S>> S giveUpInTime(S stub, int turns) {
    Deadline deadline = stub.getCallOptions().getDeadline();
    long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
    long reserve = Math.clamp(left / RESERVE_DIVISOR, 0, MAX_RESERVE_NANOS);
    long kept = reserve + Math.max(0, left - reserve) / turns * (turns - 1);
    return stub.withDeadline(deadline.offset(-kept, TimeUnit.NANOSECONDS));
  }
}
