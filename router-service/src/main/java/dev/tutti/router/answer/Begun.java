package dev.tutti.router.answer;

import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureStatus;
import dev.tutti.router.decision.Spend;
import java.util.Set;

/** What is known of an answer on its way. Confined to one thread. */
final class Begun {

  /** The decision, as far as it was made; null before. */
  Decision partly;

  /** What was used where there is no completion to tell. */
  Spend lost = Spend.NOTHING;

  /** Of the query; empty where none was asked for. */
  float[] embedding = {};

  /** Members that were asked and failed by their own fault. */
  Set<String> failed = Set.of();

  private boolean said;

  /** What an answer used that failed half way is spent all the same. */
  EventSink<GenerateResponse> noting(EventSink<GenerateResponse> sink) {
    return event -> {
      if (event.hasSpent()) {
        lost = Spend.of(event.getSpent().getUsage(), event.getSpent().getCostUsd());
      }
      said |= event.hasDelta() || event.hasWire();
      sink.emit(event);
    };
  }

  /**
   * US dollars that a call counts for which failed: what it told, else what was taken for it where
   * it may have cost something.
   */
  double usd(double taken, RuntimeException why) {
    boolean cut =
        switch (FailureStatus.fromThrowable(why)) {
          case Failure.Cancelled _, Failure.DeadlineExceeded _ -> true;
          default -> false;
        };
    return lost == Spend.NOTHING && (said || cut) ? taken : lost.usd().doubleValue();
  }
}
