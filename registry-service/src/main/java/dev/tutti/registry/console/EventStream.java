package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.kit.grpc.CancelledException;
import io.grpc.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.Semaphore;

/**
 * Server-sent events to a page, written by the thread that has them. At most {@value #WINDOW} bytes
 * are on their way: a browser that reads slowly slows whoever answers. To be opened within the gRPC
 * context that ends when the client leaves.
 */
final class EventStream {

  private static final int WINDOW = 64 * 1024;

  private final HttpServerResponse response;
  private final ObjectMapper json;
  private final Context context = Context.current();
  private final Semaphore window = new Semaphore(WINDOW);

  EventStream(HttpServerResponse response, ObjectMapper json) {
    this.response = response;
    this.json = json;
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
   * @throws CancelledException once the client has left
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
   * @throws CancelledException once the client has left
   */
  void end() {
    await(WINDOW);
    response.end();
  }

  private void await(int bytes) {
    try {
      window.acquire(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
    if (context.isCancelled()) {
      throw new CancelledException();
    }
  }
}
