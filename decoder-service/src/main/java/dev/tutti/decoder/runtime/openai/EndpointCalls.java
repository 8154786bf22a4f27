package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls of a model's endpoints, whole or streamed, with all that {@link RemoteModel} does for them.
 * Thread-safe.
 */
public final class EndpointCalls {

  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Duration ASIDE = Duration.ofSeconds(5);

  private final EndpointClient client;
  private final Credentials credentials;
  private final EndpointConfig config;
  private final AnswerBodies bodies;

  /** Calls through this client with these keys. */
  public EndpointCalls(EndpointClient client, Credentials credentials, EndpointConfig config) {
    this.client = client;
    this.credentials = credentials;
    this.config = config;
    this.bodies = new AnswerBodies(config);
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
   * @throws EndpointException when no endpoint answers
   */
  <T> T whole(RemoteModel model, String path, EndpointBody body, Reading<T> reading) {
    return whole(model, path, body, new ArrayList<>(), reading);
  }

  /**
   * Asks for a whole answer.
   *
   * @param tried gets the endpoints that were asked, of which the last one answered
   * @throws EndpointException when no endpoint answers
   */
  <T> T whole(
      RemoteModel model, String path, EndpointBody body, List<Endpoint> tried, Reading<T> reading) {
    return whole(model, path, body, config.answerTimeout(), tried, reading);
  }

  /**
   * Asks for a single token, which may take as long as a stream's first event.
   *
   * @param tried gets the endpoints that were asked, of which the last one answered
   * @throws EndpointException when no endpoint answers
   */
  <T> T token(
      RemoteModel model, String path, EndpointBody body, List<Endpoint> tried, Reading<T> reading) {
    return whole(model, path, body, config.firstTokenTimeout(), tried, reading);
  }

  /**
   * Asks a model's first endpoint for what it may tell beside its answers; once, and it says
   * nothing of its health.
   *
   * @param path below the server's root, e.g. {@code /props}
   * @param body JSON; null to GET
   * @return empty where it tells nothing that can be read
   */
  <T> Optional<T> aside(RemoteModel model, String path, byte[] body, Reading<T> reading) {
    Endpoint endpoint = model.endpoints().getFirst();
    var asking = new Asking(endpoint.refused(), path, EndpointBody.as(body));
    try {
      return Optional.of(
          whole(endpoint, endpoint.rootUrl(path), asking, key(model, endpoint), ASIDE, reading));
    } catch (EndpointException e) {
      return Optional.empty();
    }
  }

  private <T> T whole(
      RemoteModel model,
      String path,
      EndpointBody body,
      Duration patience,
      List<Endpoint> tried,
      Reading<T> reading) {
    return model.call(
        tried,
        endpoint -> {
          Credential key = key(model, endpoint);
          URI url = endpoint.url(path);
          var asking = new Asking(endpoint.refused(), path, body);
          return asking.ask(
              () -> endpoint.judged(() -> whole(endpoint, url, asking, key, patience, reading)));
        });
  }

  private <T> T whole(
      Endpoint endpoint,
      URI url,
      Asking asking,
      Credential key,
      Duration patience,
      Reading<T> reading) {
    String shown = endpoint.shown();
    Duration left = left();
    try (Exchange exchange = client.send(shown, url, asking.bytes(), key, false)) {
      awaitHead(exchange, shown, patience, left);
      bodies.requireGood(shown, exchange, key, asking);
      return read(shown, bodies.whole(shown, exchange), key, reading);
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
  void stream(
      RemoteModel model, String path, EndpointBody body, List<Endpoint> tried, Events events) {
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

  private void stream(
      Endpoint endpoint, String path, EndpointBody body, Credential key, Events events) {
    var asking = new Asking(endpoint.refused(), path, body);
    URI url = endpoint.url(path);
    // A long stream proves the endpoint well with its first event, not with its last.
    try (StreamedCall call =
        asking.ask(() -> endpoint.judged(() -> begin(endpoint, url, asking, key, events)))) {
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
      Endpoint endpoint, URI url, Asking asking, Credential key, Events events) {
    String shown = endpoint.shown();
    long start = System.nanoTime();
    Exchange exchange = client.send(shown, url, asking.bytes(), key, !asking.leavesOut("stream"));
    try {
      exchange.awaitHead(config.firstTokenTimeout());
      bodies.requireGood(shown, exchange, key, asking);
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
