package dev.tutti.router.answer;

import dev.tutti.generation.v1.Decision;
import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
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

  /** What an answer used that fails half way, or whose caller leaves, is spent all the same. */
  EventSink<GenerateResponse> noting(EventSink<GenerateResponse> sink) {
    return event -> {
      if (event.hasSpent()) {
        lost = Spend.of(event.getSpent().getUsage(), event.getSpent().getCostUsd());
      }
      sink.emit(event);
    };
  }
}
