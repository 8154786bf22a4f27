package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Calls of a model's endpoints, whole or streamed, with all that {@link RemoteModel} does for them.
 * Thread-safe.
 */
public final class EndpointCalls {

  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Duration LAST_WORDS = Duration.ofMillis(200);
  private static final int ERROR_BYTES = 64 * 1024;

  private final EndpointClient client;
  private final Credentials credentials;
  private final EndpointConfig config;

  /** Calls through this client with these keys. */
  public EndpointCalls(EndpointClient client, Credentials credentials, EndpointConfig config) {
    this.client = client;
    this.credentials = credentials;
    this.config = config;
  }

  /** What becomes of an answer. */
  @FunctionalInterface
  interface Reading<T> {

    /**
     * Reads a whole answer.
     *
     * @param endpoint where it comes from, as its caller may know it
     * @throws EndpointException when it is no answer
     */
    T read(String endpoint, byte[] answer);
  }

  /** Takes the events of a stream. */
  interface Events {

    /** A try begins: forgets what an earlier one left that was not handed on. */
    void begin();

    /**
     * Takes one event.
     *
     * @param endpoint where it comes from, as its caller may know it
     * @param event with its framing
     * @return whether it says something, so that the endpoint is not silent any more
     * @throws EndpointException when it is no event of an answer, or tells of an error
     */
    boolean take(String endpoint, byte[] event, Credential key);

    /** All events that have arrived were taken: time to hand them on. */
    void flush();

    /** Whether the end mark came. */
    boolean isDone();

    /** Whether the answer is whole, should nothing follow any more. */
    boolean mayEnd();

    /** Whether anything was handed on, so that the call cannot be made again. */
    boolean hasSpoken();
  }

  /**
   * Asks for a whole answer.
   *
   * @param path below the base URL, e.g. {@code /chat/completions}
   * @param body JSON; null to GET
   * @throws EndpointException when no endpoint answers
   */
  <T> T whole(RemoteModel model, String path, byte[] body, Reading<T> reading) {
    return whole(model, path, body, EndpointCalls::left, reading);
  }

  /**
   * Asks for a single token, which may take as long as a stream's first event.
   *
   * @throws EndpointException when no endpoint answers
   */
  <T> T token(RemoteModel model, String path, byte[] body, Reading<T> reading) {
    Duration first = config.firstTokenTimeout();
    return whole(model, path, body, () -> left().compareTo(first) < 0 ? left() : first, reading);
  }

  private <T> T whole(
      RemoteModel model,
      String path,
      byte[] body,
      Supplier<Duration> patience,
      Reading<T> reading) {
    return model.call(
        endpoint -> {
          String shown = endpoint.shown();
          Credential key = key(model);
          Duration limit = patience.get();
          try (Exchange exchange = client.send(endpoint.url(path), body, key, false)) {
            exchange.awaitHead(limit);
            return reading.read(shown, whole(shown, exchange, key));
          } catch (TimeoutException e) {
            throw EndpointFailures.silent(shown, "answer", limit);
          }
        });
  }

  /**
   * Asks for a stream.
   *
   * @throws EndpointException when no endpoint answers whole
   */
  void stream(RemoteModel model, String path, byte[] body, Events events) {
    model.call(
        endpoint -> {
          try {
            events.begin();
            stream(endpoint, path, body, key(model), events);
            return null;
          } catch (EndpointException e) {
            if (!events.hasSpoken()) {
              throw e;
            }
            // What arrived whole before the failure belongs to the answer.
            events.flush();
            throw e.afterText();
          }
        });
  }

  private void stream(Endpoint endpoint, String path, byte[] body, Credential key, Events events) {
    String shown = endpoint.shown();
    long start = System.nanoTime();
    boolean spoken = false;
    try (Exchange exchange = client.send(endpoint.url(path), body, key, true)) {
      exchange.awaitHead(config.firstTokenTimeout());
      if (exchange.status() != 200) {
        whole(shown, exchange, key);
      }
      var splitter = new EventSplitter((int) config.longestEvent().asLongValue());
      while (true) {
        byte[] bytes = read(exchange, patience(spoken, start, events.isDone()), events);
        if (bytes == null) {
          break;
        }
        splitter.add(bytes);
        for (byte[] event = next(shown, splitter); event != null; event = next(shown, splitter)) {
          spoken |= events.take(shown, event, key);
        }
        events.flush();
      }
      spoken |= last(shown, splitter.rest(), key, events);
    } catch (TimeoutException e) {
      throw spoken
          ? EndpointFailures.silent(shown, "further event", config.idleTimeout())
          : EndpointFailures.silent(shown, "first event", config.firstTokenTimeout());
    }
    if (!events.mayEnd()) {
      throw spoken
          ? EndpointFailures.cut(shown, null)
          : EndpointFailures.malformed(shown, "it has no event", null);
    }
  }

  /** Takes an event that lacks its blank line, and adds that, since more may follow. */
  private static boolean last(String endpoint, byte[] rest, Credential key, Events events) {
    if (rest.length == 0 || events.isDone()) {
      return false;
    }
    byte[] event = Arrays.copyOf(rest, rest.length + 2);
    event[rest.length] = '\n';
    event[rest.length + 1] = '\n';
    try {
      boolean spoken = events.take(endpoint, event, key);
      events.flush();
      return spoken;
    } catch (EndpointException e) {
      // Half an event behind a whole answer is no loss.
      if (!events.mayEnd()) {
        throw e;
      }
      return false;
    }
  }

  /** More bytes; null at the end, which may come in any manner once the answer is whole. */
  private static byte[] read(Exchange exchange, Duration patience, Events events)
      throws TimeoutException {
    try {
      return exchange.read(patience);
    } catch (TimeoutException | EndpointException e) {
      if (events.mayEnd()) {
        return null;
      }
      throw e;
    }
  }

  /** How long the next bytes may take. */
  private Duration patience(boolean spoken, long start, boolean done) {
    if (done) {
      return LAST_WORDS;
    }
    return spoken
        ? config.idleTimeout()
        : config.firstTokenTimeout().minusNanos(System.nanoTime() - start);
  }

  private byte[] next(String endpoint, EventSplitter splitter) {
    try {
      return splitter.next();
    } catch (IllegalStateException e) {
      throw EndpointFailures.tooLarge(endpoint, "an event", config.longestEvent().asLongValue());
    }
  }

  /** The whole body; an exception where the status says that it is no answer. */
  private byte[] whole(String endpoint, Exchange exchange, Credential key) throws TimeoutException {
    boolean good = exchange.status() == 200;
    long most = good ? config.longestAnswer().asLongValue() : ERROR_BYTES;
    var body = new ByteArrayOutputStream();
    for (byte[] bytes = exchange.read(config.idleTimeout());
        bytes != null;
        bytes = exchange.read(config.idleTimeout())) {
      body.writeBytes(bytes);
      if (body.size() > most) {
        if (good) {
          throw EndpointFailures.tooLarge(endpoint, "an answer", most);
        }
        break;
      }
    }
    if (!good) {
      throw EndpointFailures.status(
          endpoint, exchange.status(), exchange.header("retry-after"), body.toByteArray(), key);
    }
    return body.toByteArray();
  }

  private Credential key(RemoteModel model) {
    try {
      return credentials.find(model.registered().getCredential());
    } catch (FailureException e) {
      throw EndpointException.lasting(e.failure());
    }
  }

  private static Duration left() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? LONGEST
        : Duration.ofNanos(Math.max(1, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }
}
