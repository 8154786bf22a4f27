package dev.tutti.kit.grpc;

/**
 * Where a method puts its events.
 *
 * @param <T> the event
 */
@FunctionalInterface
public interface EventSink<T> {

  /**
   * Hands an event to the reader; waits while the reader is slow.
   *
   * @throws CancelledException once the reader has left
   */
  void emit(T event);
}
