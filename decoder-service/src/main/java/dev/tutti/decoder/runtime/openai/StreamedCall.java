package dev.tutti.decoder.runtime.openai;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;

/** A stream that an endpoint has begun to answer with. Confined to one thread. */
final class StreamedCall implements AutoCloseable {

  private static final Duration LAST_WORDS = Duration.ofMillis(200);

  private final Exchange exchange;
  private final String endpoint;
  private final Credential key;
  private final EndpointCalls.Events events;
  private final EndpointConfig config;
  private final long start;
  private final EventSplitter splitter;
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
    this.start = start;
    this.splitter = new EventSplitter((int) config.longestEvent().asLongValue());
  }

  /**
   * Reads until it has said something.
   *
   * @throws EndpointException when it does not
   */
  void begin() {
    while (!spoken && !ended) {
      step();
    }
  }

  /**
   * Reads the rest.
   *
   * @throws EndpointException when it does not end well
   */
  void finish() {
    while (!ended) {
      step();
    }
  }

  private void step() {
    byte[] bytes = read();
    if (bytes == null) {
      end();
      return;
    }
    splitter.add(bytes);
    for (byte[] event = next(); event != null; event = next()) {
      spoken |= events.take(endpoint, event, key);
    }
    events.flush();
  }

  private void end() {
    ended = true;
    last(splitter.rest());
    if (!events.mayEnd()) {
      throw spoken
          ? EndpointFailures.cut(endpoint, null)
          : EndpointFailures.malformed(endpoint, "it has no event", null);
    }
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
      spoken |= events.take(endpoint, event, key);
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
    try {
      return exchange.read(patience());
    } catch (TimeoutException e) {
      if (events.mayEnd()) {
        return null;
      }
      throw spoken
          ? EndpointFailures.silent(endpoint, "further event", config.idleTimeout())
          : EndpointFailures.silent(endpoint, "first event", config.firstTokenTimeout());
    } catch (EndpointException e) {
      if (events.mayEnd()) {
        return null;
      }
      throw e;
    }
  }

  /** How long the next bytes may take. */
  private Duration patience() {
    if (events.isDone()) {
      return LAST_WORDS;
    }
    return spoken
        ? config.idleTimeout()
        : config.firstTokenTimeout().minusNanos(System.nanoTime() - start);
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
