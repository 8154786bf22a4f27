package dev.tutti.decoder.runtime.openai;

import io.grpc.Deadline;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads what endpoints answer at once: whole answers, and why there is none. Thread-safe. */
final class AnswerBodies {

  private static final int ERROR_BYTES = 64 * 1024;
  private static final int GOOD = 200;

  private final EndpointConfig config;

  AnswerBodies(EndpointConfig config) {
    this.config = config;
  }

  /**
   * Requires the status of an answer.
   *
   * @param asking is told what is said instead
   * @throws EndpointException for any other
   */
  void requireGood(String endpoint, Exchange exchange, Credential key, Asking asking) {
    if (exchange.status() == GOOD) {
      return;
    }
    var body = new ByteArrayOutputStream();
    // For all of it: an error that drips is no more worth waiting for than one that never comes.
    Deadline end = Deadline.after(config.idleTimeout().toNanos(), TimeUnit.NANOSECONDS);
    try {
      byte[] bytes = exchange.read(left(end));
      while (bytes != null && body.size() < ERROR_BYTES && !end.isExpired()) {
        body.writeBytes(bytes);
        bytes = exchange.read(left(end));
      }
    } catch (TimeoutException | EndpointException e) {
      // What it has said by now tells more than that it does not end.
    }
    asking.refused(exchange.status(), body.toByteArray());
    throw EndpointFailures.status(
        endpoint,
        exchange.status(),
        RetryAfter.of(
            exchange.header("retry-after-ms"), exchange.header("retry-after"), Instant.now()),
        ToldError.of(body.toByteArray()),
        key);
  }

  private static Duration left(Deadline end) {
    return Duration.ofNanos(end.timeRemaining(TimeUnit.NANOSECONDS));
  }

  /**
   * The whole body.
   *
   * @throws EndpointException where it does not end well, or is too large
   */
  byte[] whole(String endpoint, Exchange exchange) {
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
}
