package dev.tutti.router.answer;

import dev.tutti.generation.v1.GenerateResponse;
import dev.tutti.generation.v1.Spent;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Usages;

/** What a failing answer says last. */
final class LastWords {

  private LastWords() {}

  /**
   * Tells what was used, if anything was: whoever notes it on the way does, though a caller that
   * has left does not take it.
   *
   * @param why the answer fails, which stays what it is
   */
  static void emit(Spent spent, EventSink<GenerateResponse> sink, RuntimeException why) {
    if (!Usages.isSomething(spent)) {
      return;
    }
    try {
      sink.emit(GenerateResponse.newBuilder().setSpent(spent).build());
    } catch (RuntimeException gone) {
      if (gone != why) {
        why.addSuppressed(gone);
      }
    }
  }
}
