package dev.tutti.decoder.runtime.openai;

import io.grpc.Deadline;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A stream that an endpoint has begun to answer with. Confined to one thread. */
final class StreamedCall implements AutoCloseable {

  /** For all that may follow the end mark. */
  private static final Duration LAST_WORDS = Duration.ofMillis(200);

  private final Exchange exchange;
  private final String endpoint;
  private final Credential key;
  private final EndpointCalls.Events events;
  private final EndpointConfig config;
  private final Patience patience;
  private final EventSplitter splitter;
  private final ByteArrayOutputStream unframed = new ByteArrayOutputStream();
  private Deadline lastWords;
  private boolean spoken;
  private boolean ended;

  /**
   * A stream.
   *
   * @param exchange with its head
   * @param endpoint as its caller may know it
   * @param start of the call, by {@link System#nanoTime}
   */
  StreamedCall(
      Exchange exchange,
      String endpoint,
      Credential key,
      EndpointCalls.Events events,
      EndpointConfig config,
      long start) {
    this.exchange = exchange;
    this.endpoint = endpoint;
    this.key = key;
    this.events = events;
    this.config = config;
    this.patience = new Patience(config.aliveTimeout(), start);
    this.splitter = new EventSplitter((int) config.longestEvent().asLongValue());
  }

  /**
   * Reads until it has said something.
   *
   * @throws EndpointException when it does not; no other try is allowed
   */
  void begin() {
    read(() -> !spoken && !ended);
  }

  /**
   * Reads the rest.
   *
   * @throws EndpointException when it does not end well; no other try is allowed
   */
  void finish() {
    read(() -> !ended);
  }

  private void read(BooleanSupplier on) {
    try {
      while (on.getAsBoolean()) {
        step();
      }
    } catch (EndpointException e) {
      throw e.begun();
    }
  }

  private void step() {
    byte[] bytes = read();
    if (bytes == null) {
      end();
      return;
    }
    patience.heard();
    splitter.add(bytes);
    for (byte[] event = next(); event != null; event = next()) {
      take(event);
    }
    events.flush();
  }

  private void take(byte[] event) {
    if (events.take(endpoint, event, key)) {
      spoken = true;
      patience.said();
    } else if (!spoken && unframed.size() < config.longestAnswer().asLongValue()) {
      unframed.writeBytes(event);
    }
  }

  private void end() {
    ended = true;
    last(splitter.rest());
    if (events.mayEnd()) {
      return;
    }
    if (spoken) {
      throw EndpointFailures.cut(endpoint, null);
    }
    List<byte[]> whole = WholeAnswer.events(unframed.toByteArray());
    if (!whole.isEmpty()) {
      whole.forEach(this::take);
      events.flush();
      return;
    }
    // Some answer a stream's request with an error that is none of its events.
    throw ToldError.within(unframed.toByteArray())
        .map(error -> EndpointFailures.told(endpoint, error, key))
        .orElseGet(() -> EndpointFailures.malformed(endpoint, "it has no event", null));
  }

  /** Takes an event that lacks its blank line, and adds that, since more may follow. */
  private void last(byte[] rest) {
    if (rest.length == 0 || events.isDone()) {
      return;
    }
    byte[] event = Arrays.copyOf(rest, rest.length + 2);
    event[rest.length] = '\n';
    event[rest.length + 1] = '\n';
    try {
      take(event);
      events.flush();
    } catch (EndpointException e) {
      // Half an event behind a whole answer is no loss.
      if (!events.mayEnd()) {
        throw e;
      }
    }
  }

  /** More bytes; null at the end, which may come in any manner once the answer is whole. */
  private byte[] read() {
    if (events.isDone() && lastWords == null) {
      lastWords = Deadline.after(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS);
    }
    if (lastWords != null && lastWords.isExpired()) {
      return null;
    }
    Duration limit = spoken ? config.idleTimeout() : config.firstTokenTimeout();
    try {
      return exchange.read(
          lastWords == null
              ? patience.left(limit)
              : Duration.ofNanos(lastWords.timeRemaining(TimeUnit.NANOSECONDS)));
    } catch (TimeoutException e) {
      if (events.mayEnd()) {
        return null;
      }
      throw patience.over(endpoint, spoken ? "further token" : "first token", limit);
    } catch (EndpointException e) {
      if (events.mayEnd()) {
        return null;
      }
      throw e;
    }
  }

  private byte[] next() {
    try {
      return splitter.next();
    } catch (IllegalStateException e) {
      throw EndpointFailures.tooLarge(endpoint, "an event", config.longestEvent().asLongValue());
    }
  }

  @Override
  public void close() {
    exchange.close();
  }
}
