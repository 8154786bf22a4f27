package dev.tutti.router.api.openai;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.SignOfLife;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * Server-sent events, written by the thread that produces them. At most {@value #WINDOW} bytes are
 * on their way to the socket: a client that reads slowly slows the producer, and with it the member
 * at the far end.
 *
 * <p>While the producer says nothing for {@value SignOfLife#SETTING}, a comment tells that work
 * goes on. The first one commits the response to status 200: what fails before it still gets the
 * status that it deserves.
 */
final class SseStream implements AutoCloseable {

  private static final int WINDOW = 64 * 1024;

  /** Nothing to a client, which must skip it; a sign of life to whoever counts bytes. */
  private static final Buffer COMMENT =
      Buffer.buffer(": waiting\n\n".getBytes(StandardCharsets.US_ASCII));

  private final HttpServerResponse response;
  private final RestCall call;
  private final Semaphore window = new Semaphore(WINDOW);
  private final SignOfLife life;
  private boolean begun;
  private boolean closed;

  SseStream(HttpServerResponse response, RestCall call) {
    this.response = response;
    this.call = call;
    call.whenOver(() -> window.release(WINDOW));
    this.life = SignOfLife.start(this::comment);
  }

  /**
   * Whether status and headers are on their way, so that no other status can be told; it stays so
   * where the stream is closed.
   */
  synchronized boolean hasBegun() {
    return begun;
  }

  /**
   * Sends one event; waits while the client is slow.
   *
   * @param data one line
   * @throws CancelledException once the client has left, or the call's time is over
   */
  void send(String data) {
    write(Buffer.buffer("data: " + data + "\n\n"));
  }

  /**
   * Sends events as they are; waits while the client is slow.
   *
   * @param events whole, with their framing
   * @throws CancelledException once the client has left, or the call's time is over
   */
  void relay(byte[] events) {
    write(Buffer.buffer(events));
  }

  /** Tells in a header who answers, where headers can still be told. */
  synchronized void answering(String member) {
    if (!begun) {
      response.putHeader(DecisionHeaders.MEMBER, member);
    }
  }

  private void write(Buffer event) {
    life.heard();
    begin();
    int bytes = Math.min(event.length(), WINDOW);
    await(bytes);
    response.write(event).onComplete(_ -> window.release(bytes));
  }

  /** Where anything is on its way yet, the client has something to read. */
  private synchronized void comment() {
    if (closed || call.isOver() || !window.tryAcquire(WINDOW)) {
      return;
    }
    begin();
    response.write(COMMENT).onComplete(_ -> window.release(WINDOW));
  }

  private synchronized void begin() {
    if (!begun) {
      begun = true;
      response
          .setStatusCode(200)
          .setChunked(true)
          .putHeader("content-type", "text/event-stream; charset=utf-8")
          .putHeader("cache-control", "no-cache")
          // Proxies of the nginx kind would collect the events otherwise.
          .putHeader("x-accel-buffering", "no");
    }
  }

  /** Gives no further signs of life: what is sent now is the last. */
  @Override
  public synchronized void close() {
    closed = true;
    life.close();
  }

  /** Sends last events and ends, though the call's time may be over: nothing is waited for. */
  void fail(String... data) {
    close();
    begin();
    Buffer events = Buffer.buffer();
    for (String its : data) {
      events.appendString("data: " + its + "\n\n");
    }
    response.end(events);
  }

  /**
   * Ends the response properly, once everything has been written: until then the headers are not to
   * be touched, and whoever handles the request after us does.
   *
   * @throws CancelledException once the client has left, or the call's time is over
   */
  void end() {
    close();
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
    if (call.isOver()) {
      throw new CancelledException();
    }
  }

  /** Cuts the connection, so that what was sent cannot be taken for a whole answer. */
  void cut() {
    close();
    response.reset();
  }
}
