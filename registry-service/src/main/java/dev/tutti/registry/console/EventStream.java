package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events to a page, written by the thread that has them. At most {@value #WINDOW} bytes
 * are on their way: a browser that reads slowly slows whoever answers, up to a time. To be opened
 * within the gRPC context that ends when the client leaves.
 */
final class EventStream {

  private static final int WINDOW = 64 * 1024;

  private final HttpServerResponse response;
  private final ObjectMapper json;
  private final Context context = Context.current();
  private final Semaphore window = new Semaphore(WINDOW);
  private final long end;

  /**
   * Begins one.
   *
   * @param longest after which a browser that does not read is waited for no more
   */
  EventStream(HttpServerResponse response, ObjectMapper json, Duration longest) {
    this.response = response;
    this.json = json;
    this.end = System.nanoTime() + longest.toNanos();
    context.addListener(_ -> window.release(WINDOW), Runnable::run);
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream;charset=UTF-8")
        // Proxies of the nginx kind would collect the events otherwise.
        .putHeader("X-Accel-Buffering", "no");
  }

  /**
   * Sends one; waits while the browser is slow.
   *
   * @param name of the event
   * @param data as JSON, which has no line breaks
   * @throws CancelledException once the client has left, or does not read for too long, which ends
   *     the connection
   */
  void send(String name, Object data) {
    Buffer event;
    try {
      event =
          Buffer.buffer("event: %s\ndata: %s\n\n".formatted(name, json.writeValueAsString(data)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An event cannot be written", e);
    }
    int bytes = Math.min(event.length(), WINDOW);
    await(bytes);
    response.write(event).onComplete(_ -> window.release(bytes));
  }

  /**
   * Ends it, once everything has been written.
   *
   * @throws CancelledException as {@link #send} does
   */
  void end() {
    await(WINDOW);
    response.end();
  }

  private void await(int bytes) {
    try {
      if (!window.tryAcquire(bytes, end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        response.reset();
        throw new CancelledException();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
    if (context.isCancelled()) {
      throw new CancelledException();
    }
  }
}
