package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.CancelledException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * One call of an endpoint, read by one thread that waits: the event loop puts what arrives into a
 * queue of a few pieces and stops reading the socket while that is full. Closing it early resets
 * the call, so the endpoint stops working for it.
 */
final class Exchange implements AutoCloseable {

  private static final int AHEAD = 64;
  private static final int ENOUGH = 64 * 1024;
  private static final int GOOD = 200;

  private final String endpoint;
  private final LinkedBlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private volatile HttpClientRequest request;
  private volatile boolean closed;
  private HttpClientResponse response;
  private Decompression decompression;
  private int taken;
  private boolean ended;

  /** What the event loop hands over. */
  private sealed interface Arrival {}

  private record Head(HttpClientResponse response) implements Arrival {}

  private record Piece(Buffer bytes) implements Arrival {}

  private record End() implements Arrival {}

  private record Broken(Throwable cause) implements Arrival {}

  Exchange(String endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Begins.
   *
   * @param context on which all that arrives is handled; nothing may arrive between the head and
   *     the handlers of the body, so everything happens on it
   */
  void start(Context context, Supplier<Future<HttpClientRequest>> open, Buffer body) {
    context.runOnContext(_ -> open.get().onComplete(opened -> send(opened, body)));
  }

  private void send(AsyncResult<HttpClientRequest> opened, Buffer body) {
    if (opened.failed()) {
      arrivals.add(new Broken(opened.cause()));
      return;
    }
    request = opened.result();
    request.response().onComplete(this::receive);
    if (closed) {
      request.reset();
    } else {
      request.end(body);
    }
  }

  private void receive(AsyncResult<HttpClientResponse> head) {
    if (head.failed()) {
      arrivals.add(new Broken(head.cause()));
      return;
    }
    HttpClientResponse its = head.result();
    its.pause();
    its.handler(bytes -> arrivals.add(new Piece(bytes)));
    its.endHandler(_ -> arrivals.add(new End()));
    its.exceptionHandler(e -> arrivals.add(new Broken(e)));
    arrivals.add(new Head(its));
    its.fetch(AHEAD);
  }

  /**
   * Waits for status and headers.
   *
   * @throws EndpointException when there is no answer
   * @throws TimeoutException when it takes longer than the limit
   */
  void awaitHead(Duration limit) throws TimeoutException {
    switch (take(limit)) {
      case Head head -> {
        response = head.response();
        decompression = decompression();
      }
      case Broken(ConnectionPoolTooBusyException _) -> throw EndpointFailures.full(endpoint);
      case Broken broken -> throw EndpointFailures.unreachable(endpoint, broken.cause());
      case Piece _, End _ -> throw new IllegalStateException("A body before its head.");
    }
  }

  private Decompression decompression() {
    try {
      return Decompression.of(header("content-encoding"), this::arrived);
    } catch (IOException e) {
      if (status() == GOOD) {
        throw EndpointFailures.encoded(endpoint, header("content-encoding"));
      }
      // What it says of its failure is lost, not that it failed.
      return null;
    }
  }

  int status() {
    return response.statusCode();
  }

  /** Value of a header; null where there is none. */
  String header(String name) {
    return response.getHeader(name);
  }

  /**
   * More of the body, without any compression; null at its end.
   *
   * @throws EndpointException when the connection breaks, or it is compressed and broken
   * @throws TimeoutException when it takes longer than the limit
   */
  byte[] read(Duration limit) throws TimeoutException {
    if (decompression == null) {
      return arrived(limit);
    }
    try {
      return decompression.read(limit);
    } catch (IOException e) {
      if (status() == GOOD) {
        throw EndpointFailures.malformed(endpoint, "its compression is broken", e);
      }
      return null;
    }
  }

  /**
   * All of the body that has arrived since, at least some of it; null at its end. Handing several
   * events on at once costs little more than one, and holds none back.
   */
  private byte[] arrived(Duration limit) throws TimeoutException {
    return switch (take(limit)) {
      case Piece piece -> {
        took();
        if (!(arrivals.peek() instanceof Piece)) {
          yield piece.bytes().getBytes();
        }
        Buffer all = Buffer.buffer().appendBuffer(piece.bytes());
        while (arrivals.peek() instanceof Piece more && all.length() < ENOUGH) {
          all = all.appendBuffer(more.bytes());
          arrivals.remove();
          took();
        }
        yield all.getBytes();
      }
      case End _ -> {
        ended = true;
        yield null;
      }
      case Broken broken -> throw EndpointFailures.cut(endpoint, broken.cause());
      case Head _ -> throw new IllegalStateException("A second head.");
    };
  }

  private void took() {
    if (++taken % (AHEAD / 2) == 0) {
      response.fetch(AHEAD / 2);
    }
  }

  private Arrival take(Duration limit) throws TimeoutException {
    try {
      Arrival arrival = arrivals.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
      if (arrival == null) {
        throw new TimeoutException();
      }
      return arrival;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  @Override
  public void close() {
    closed = true;
    HttpClientRequest sent = request;
    if (sent != null && !ended) {
      sent.reset();
    }
    if (decompression != null) {
      decompression.close();
    }
  }
}
