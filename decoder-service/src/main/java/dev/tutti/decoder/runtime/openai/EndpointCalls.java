package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls of a model's endpoints, whole or streamed, with all that {@link RemoteModel} does for them.
 * Thread-safe.
 */
public final class EndpointCalls {

  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int ERROR_BYTES = 64 * 1024;
  private static final int GOOD = 200;

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
     * @param key that it must not tell
     * @throws EndpointException when it is no answer
     */
    T read(String endpoint, byte[] answer, Credential key);
  }

  /** Takes the events of a stream. */
  interface Events {

    /**
     * Takes one event.
     *
     * @param endpoint where it comes from, as its caller may know it
     * @param event with its framing
     * @return whether it says something: a sign of life does not
     * @throws EndpointException when it is no event of an answer, or tells of an error
     */
    boolean take(String endpoint, byte[] event, Credential key);

    /** All events that have arrived were taken: time to hand them on. */
    void flush();

    /** Whether the end mark came. */
    boolean isDone();

    /** Whether the answer is whole, should nothing follow any more. */
    boolean mayEnd();

    /** Whether anything was handed on. */
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
    return whole(model, path, body, config.answerTimeout(), reading);
  }

  /**
   * Asks for a single token, which may take as long as a stream's first event.
   *
   * @throws EndpointException when no endpoint answers
   */
  <T> T token(RemoteModel model, String path, byte[] body, Reading<T> reading) {
    return whole(model, path, body, config.firstTokenTimeout(), reading);
  }

  private <T> T whole(
      RemoteModel model, String path, byte[] body, Duration patience, Reading<T> reading) {
    return model.call(
        endpoint -> {
          Credential key = key(model, endpoint);
          return endpoint.judged(() -> whole(endpoint, path, body, key, patience, reading));
        });
  }

  private <T> T whole(
      Endpoint endpoint,
      String path,
      byte[] body,
      Credential key,
      Duration patience,
      Reading<T> reading) {
    String shown = endpoint.shown();
    Duration left = left();
    try (Exchange exchange = client.send(shown, endpoint.url(path), body, key, false)) {
      awaitHead(exchange, shown, patience, left);
      requireGood(shown, exchange, key);
      return read(shown, whole(shown, exchange), key, reading);
    }
  }

  private static <T> T read(String endpoint, byte[] answer, Credential key, Reading<T> reading) {
    try {
      return reading.read(endpoint, answer, key);
    } catch (EndpointException e) {
      // Some say that they failed where an answer should be.
      throw ToldError.within(answer)
          .map(error -> EndpointFailures.told(endpoint, error, key))
          .orElse(e)
          .begun();
    }
  }

  private static void awaitHead(
      Exchange exchange, String endpoint, Duration patience, Duration left) {
    boolean hurried = left.compareTo(patience) < 0;
    try {
      exchange.awaitHead(hurried ? left : patience);
    } catch (TimeoutException e) {
      throw hurried
          ? EndpointFailures.late(endpoint, left)
          : EndpointFailures.silent(endpoint, "answer", patience);
    }
  }

  /**
   * Asks for a stream.
   *
   * @param tried endpoints to ask last; gets those that were asked now
   * @throws EndpointException when no endpoint answers whole
   */
  void stream(RemoteModel model, String path, byte[] body, List<Endpoint> tried, Events events) {
    model.call(
        tried,
        endpoint -> {
          try {
            stream(endpoint, path, body, key(model, endpoint), events);
            return null;
          } catch (EndpointException e) {
            if (events.hasSpoken()) {
              // What arrived whole before the failure belongs to the answer.
              events.flush();
            }
            throw e;
          }
        });
  }

  private void stream(Endpoint endpoint, String path, byte[] body, Credential key, Events events) {
    // A long stream proves the endpoint well with its first event, not with its last.
    try (StreamedCall call = endpoint.judged(() -> begin(endpoint, path, body, key, events))) {
      try {
        call.finish();
      } catch (EndpointException e) {
        endpoint.failedLater(e);
        throw e;
      }
    }
  }

  /** A stream up to its first event; closed where there is none. */
  private StreamedCall begin(
      Endpoint endpoint, String path, byte[] body, Credential key, Events events) {
    String shown = endpoint.shown();
    long start = System.nanoTime();
    Exchange exchange = client.send(shown, endpoint.url(path), body, key, true);
    try {
      exchange.awaitHead(config.firstTokenTimeout());
      requireGood(shown, exchange, key);
      var call = new StreamedCall(exchange, shown, key, events, config, start);
      call.begin();
      return call;
    } catch (TimeoutException e) {
      exchange.close();
      throw EndpointFailures.silent(shown, "first token", config.firstTokenTimeout());
    } catch (RuntimeException e) {
      exchange.close();
      throw e;
    }
  }

  /** An exception where the status says that it is no answer. */
  private void requireGood(String endpoint, Exchange exchange, Credential key) {
    if (exchange.status() == GOOD) {
      return;
    }
    var body = new ByteArrayOutputStream();
    try {
      for (byte[] bytes = exchange.read(config.idleTimeout());
          bytes != null && body.size() < ERROR_BYTES;
          bytes = exchange.read(config.idleTimeout())) {
        body.writeBytes(bytes);
      }
    } catch (TimeoutException | EndpointException e) {
      // What it has said by now tells more than that it does not end.
    }
    throw EndpointFailures.status(
        endpoint,
        exchange.status(),
        RetryAfter.of(
            exchange.header("retry-after-ms"), exchange.header("retry-after"), Instant.now()),
        ToldError.of(body.toByteArray()),
        key);
  }

  /** The whole body. */
  private byte[] whole(String endpoint, Exchange exchange) {
    var patience = new Patience(config.aliveTimeout(), System.nanoTime());
    long most = config.longestAnswer().asLongValue();
    var body = new ByteArrayOutputStream();
    try {
      for (byte[] bytes = exchange.read(patience.left(config.idleTimeout()));
          bytes != null;
          bytes = exchange.read(patience.left(config.idleTimeout()))) {
        patience.heard();
        if (!isBlank(bytes)) {
          patience.said();
        }
        body.writeBytes(bytes);
        if (body.size() > most) {
          throw EndpointFailures.tooLarge(endpoint, "an answer", most);
        }
      }
    } catch (TimeoutException e) {
      throw patience.over(endpoint, "further byte", config.idleTimeout());
    } catch (EndpointException e) {
      throw e.begun();
    }
    return ByteOrderMark.skip(body.toByteArray());
  }

  /** Empty lines are how some say that they are still at it. */
  private static boolean isBlank(byte[] bytes) {
    for (byte character : bytes) {
      if (character < 0 || character > ' ') {
        return false;
      }
    }
    return true;
  }

  private Credential key(RemoteModel model, Endpoint endpoint) {
    return key(model).at(endpoint.place());
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
