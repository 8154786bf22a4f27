package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Stages;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of a member's answer. What says nothing yet (who speaks, an empty piece, what a
 * filter thought of the prompt) is held back until the first text, reasoning or tool call is there,
 * so that another member can still answer; then all of it is handed on in order. Progress passes at
 * once. Confined to one thread.
 */
final class Opening implements EventSink<GenerateResponse> {

  /** Whoever sends so much about nothing is taken to have begun. */
  private static final int MOST_BYTES = 1 << 20;

  private final String member;
  private final EventSink<GenerateResponse> sink;
  private final List<GenerateResponse> held = new ArrayList<>();
  private int bytes;
  private boolean named;
  private boolean over;

  Opening(String member, EventSink<GenerateResponse> sink) {
    this.member = member;
    this.sink = sink;
  }

  /** Whether the answer has begun, so that nobody else can give it. */
  boolean isOver() {
    return over;
  }

  /** Whether the member was at work on an answer, whatever became of it. */
  boolean isBegun() {
    return over || !held.isEmpty();
  }

  @Override
  public void emit(GenerateResponse event) {
    // Of a nested ensemble it says which of its members it is.
    named |= Stages.isAnswering(event);
    if (over || !(event.hasDelta() || event.hasWire())) {
      sink.emit(event);
      return;
    }
    held.add(event);
    bytes += event.getSerializedSize();
    if (says(event) || bytes > MOST_BYTES) {
      end();
    }
  }

  /** Hands on what was held back: this is the answer. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    if (!named) {
      sink.emit(Stages.answering(member));
    }
    held.forEach(sink::emit);
    held.clear();
  }

  private static boolean says(GenerateResponse event) {
    return event.hasWire()
        ? event.getWire().getWrittenCharacters() > 0
        : !event.getDelta().getText().isEmpty() || event.getDelta().getLogprobsCount() > 0;
  }
}
