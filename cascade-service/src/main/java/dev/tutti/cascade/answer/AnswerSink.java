package dev.tutti.cascade.answer;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.kit.grpc.EventSink;
import java.util.function.UnaryOperator;

/**
 * Where the members' answer goes. Its end is kept only where it was said before that the answer was
 * accepted by its method's rule: a makeshift one is for the request alone that it was made for.
 * Confined to the request's thread.
 */
final class AnswerSink implements EventSink<GenerateResponse> {

  private final EventSink<GenerateResponse> sink;
  private final UnaryOperator<GenerateResponse> keep;
  private boolean accepted;

  /**
   * In front of another.
   *
   * @param keep keeps the end of an answer, and says so in it
   */
  AnswerSink(EventSink<GenerateResponse> sink, UnaryOperator<GenerateResponse> keep) {
    this.sink = sink;
    this.keep = keep;
  }

  /** The answer whose end comes next was accepted by the rule. */
  void accept() {
    accepted = true;
  }

  @Override
  public void emit(GenerateResponse event) {
    sink.emit(accepted && event.hasCompletion() ? keep.apply(event) : event);
  }
}
