package dev.tutti.kit.grpc;

import io.grpc.Context;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * The events of a server-streaming call, read one by one: a slow reader slows the server. Closing
 * it early cancels the call; so does the end of the gRPC context in which it was opened, and an
 * interrupt of the reading thread. Confined to one thread.
 *
 * @param <T> the event
 */
public final class ClientStream<T> implements Iterator<T>, AutoCloseable {

  private final Context.CancellableContext context;
  private final Iterator<T> events;

  private ClientStream(Context.CancellableContext context, Iterator<T> events) {
    this.context = context;
    this.events = events;
  }

  /**
   * Starts a call.
   *
   * @param call calls a blocking stub, e.g. {@code () -> Deadlines.apply(stub).generate(request)}
   */
  public static <T> ClientStream<T> open(Supplier<Iterator<T>> call) {
    Context.CancellableContext context = Context.current().withCancellation();
    Context before = context.attach();
    try {
      return new ClientStream<>(context, call.get());
    } catch (RuntimeException e) {
      context.cancel(e);
      throw new FailureException(FailureStatus.fromThrowable(e), e);
    } finally {
      context.detach(before);
    }
  }

  /**
   * Whether another event comes; waits for it.
   *
   * @throws FailureException when the call failed
   */
  @Override
  public boolean hasNext() {
    try {
      return events.hasNext();
    } catch (RuntimeException e) {
      throw new FailureException(FailureStatus.fromThrowable(e), e);
    }
  }

  /**
   * The next event; waits for it.
   *
   * @throws FailureException when the call failed
   * @throws java.util.NoSuchElementException when there are no more
   */
  @Override
  public T next() {
    if (!hasNext()) {
      throw new java.util.NoSuchElementException("The stream has ended.");
    }
    return events.next();
  }

  /** Cancels the call unless it has ended. */
  @Override
  public void close() {
    context.cancel(null);
  }
}
