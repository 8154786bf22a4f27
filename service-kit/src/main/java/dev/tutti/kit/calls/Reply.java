package dev.tutti.kit.calls;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Signals;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.TextDelta;
import dev.tutti.generation.v1.Timing;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Stages;

/**
 * The answer that goes out: its text, and the completion that ends it. Confined to the request's
 * thread.
 */
public final class Reply {

  private final CallRunner runner;
  private final EventSink<GenerateResponse> sink;
  private final long start = System.nanoTime();
  private long firstTokenNanos = -1;

  /** Of a request whose work starts now. */
  public Reply(CallRunner runner, EventSink<GenerateResponse> sink) {
    this.runner = runner;
    this.sink = sink;
  }

  /** Says where the work stands, as {@link Stages#progress}. */
  public void progress(String stage, String member, String message, double fraction) {
    sink.emit(Stages.progress(stage, member, message, fraction));
  }

  /** Whether text has gone out: then no other answer can take its place. */
  public boolean isBegun() {
    return firstTokenNanos >= 0;
  }

  /** Says whose answer begins. */
  public void begin(String member, double fraction) {
    progress(Stages.ANSWERING, member, "", fraction);
    firstTokenNanos = System.nanoTime() - start;
  }

  /** Hands on a piece of it. */
  public void pass(TextDelta delta) {
    sink.emit(GenerateResponse.newBuilder().setDelta(runner.plain(delta)).build());
  }

  /** What a completion takes over from a member's answer. */
  public static Completion.Builder of(MemberAnswer answer) {
    Completion its = answer.completion();
    return Completion.newBuilder()
        .setText(its.getText())
        .setFinishReason(its.getFinishReason())
        .setAuthor(answer.member())
        .setSignals(its.getSignals())
        .addAllToolCalls(its.getToolCallsList());
  }

  /** A completion that gives no answer, since none is good enough. */
  public static Completion.Builder abstention() {
    return Completion.newBuilder()
        .setFinishReason(FinishReason.FINISH_REASON_ABSTAIN)
        .setSignals(Signals.getDefaultInstance());
  }

  /**
   * Ends it, with what all calls used.
   *
   * @param queued how long the answer that is given waited for a free session
   */
  public void complete(Completion.Builder completion, Decision.Builder decision, Duration queued) {
    Spent spent = runner.log().spent();
    NestedDecisions.add(decision, runner.log().decisions());
    long total = System.nanoTime() - start;
    completion
        .setUsage(spent.getUsage())
        .setCostUsd(spent.getCostUsd())
        .setDecision(decision)
        .setTiming(
            Timing.newBuilder()
                .setQueued(queued)
                .setFirstToken(Durations.fromNanos(isBegun() ? firstTokenNanos : total))
                .setTotal(Durations.fromNanos(total)));
    sink.emit(GenerateResponse.newBuilder().setCompletion(completion).build());
  }
}
