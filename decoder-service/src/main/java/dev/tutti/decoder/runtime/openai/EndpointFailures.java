package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.kit.grpc.Failure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** What each thing that an endpoint does wrong means to the caller. */
final class EndpointFailures {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration USUAL_REST = Duration.ofSeconds(1);
  private static final Duration FULL_REST = Duration.ofSeconds(1);
  private static final Duration LONGEST_REST = Duration.ofHours(1);
  private static final int LONGEST_MESSAGE = 1000;

  private EndpointFailures() {}

  static EndpointException unreachable(String endpoint, Throwable cause) {
    // The cause's own words may name addresses inside; the log has them.
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_UNREACHABLE", "The endpoint %s cannot be reached.".formatted(endpoint)),
        cause);
  }

  static EndpointException cut(String endpoint, Throwable cause) {
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_CUT", "The endpoint %s cut its answer off.".formatted(endpoint)),
        cause);
  }

  static EndpointException silent(String endpoint, String what, Duration limit) {
    return EndpointException.unwell(
        new Failure.DeadlineExceeded(
            "ENDPOINT_SILENT",
            "The endpoint %s sent no %s for %s ms.".formatted(endpoint, what, limit.toMillis())),
        null);
  }

  /** The caller's time is over: no fault of the endpoint. */
  static EndpointException late(String endpoint) {
    return EndpointException.lasting(
        new Failure.DeadlineExceeded(
            "DEADLINE_EXCEEDED",
            "The request's time was over before the endpoint %s answered.".formatted(endpoint)));
  }

  static EndpointException full(String endpoint) {
    return EndpointException.busy(
        new Failure.ResourceExhausted(
            "ENDPOINT_BUSY",
            "The endpoint %s has as many calls as it may have.".formatted(endpoint),
            FULL_REST),
        false,
        Duration.ZERO);
  }

  static EndpointException malformed(String endpoint, String what, Throwable cause) {
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_MALFORMED",
            "The endpoint %s sent what is no OpenAI answer: %s.".formatted(endpoint, what)),
        cause);
  }

  /** Compressed in a way that was not asked for, and is not known here. */
  static EndpointException encoded(String endpoint, String encoding) {
    return EndpointException.lasting(
        new Failure.Unavailable(
            "ENDPOINT_ENCODING",
            "The endpoint %s compresses its answer by '%s', though it was asked for none; known are gzip and deflate."
                .formatted(endpoint, shown(encoding, Credential.NONE))));
  }

  static EndpointException tooLarge(String endpoint, String what, long most) {
    return EndpointException.lasting(
        new Failure.Unavailable(
            "ENDPOINT_ANSWER_TOO_LARGE",
            "The endpoint %s sent %s of more than %d bytes.".formatted(endpoint, what, most)));
  }

  /** An error that the endpoint told within a stream that had begun well. */
  static EndpointException told(String endpoint, String message, Credential key) {
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_FAILED",
            "The endpoint %s failed: %s".formatted(endpoint, shown(message, key))),
        null);
  }

  /**
   * An HTTP status other than 200.
   *
   * @param body its beginning
   */
  static EndpointException status(
      String endpoint, int status, String retryAfter, byte[] body, Credential key) {
    JsonNode error = error(body);
    String message = shown(error.path("message").asText(""), key);
    return switch (status) {
      case 429 -> {
        Duration rest = rest(retryAfter, Instant.now());
        rest = rest.isZero() ? USUAL_REST : rest;
        yield EndpointException.busy(
            new Failure.ResourceExhausted(
                "ENDPOINT_RATE_LIMITED",
                "The endpoint %s takes no more for now. %s".formatted(endpoint, message).strip(),
                rest),
            false,
            rest);
      }
      case 401, 402, 403, 407 ->
          // Its message may repeat the key. A 403 may be about the text: no sign of its health.
          EndpointException.own(
              new Failure.FailedPrecondition(
                  "",
                  "ENDPOINT_CREDENTIAL_REFUSED",
                  "The endpoint %s refuses this service's key or account (status %d)."
                      .formatted(endpoint, status)),
              status != 403);
      case 404, 405, 501 ->
          // It may lack one of the paths only: no sign of its health.
          EndpointException.own(
              new Failure.FailedPrecondition(
                  "",
                  "ENDPOINT_NOT_FOUND",
                  "The endpoint %s has no such model or path (status %d). %s"
                      .formatted(endpoint, status, message)
                      .strip()),
              false);
      default -> {
        if (status == 408 || status >= 500) {
          yield EndpointException.busy(
              new Failure.Unavailable(
                  "ENDPOINT_FAILED",
                  "The endpoint %s failed with status %d. %s"
                      .formatted(endpoint, status, message)
                      .strip()),
              true,
              rest(retryAfter, Instant.now()));
        }
        if (status >= 400) {
          yield EndpointException.lasting(
              new Failure.InvalidArgument(
                  error.path("param").asText(""),
                  reason(error),
                  message.isEmpty()
                      ? "The endpoint %s refuses the request with status %d."
                          .formatted(endpoint, status)
                      : message));
        }
        yield EndpointException.lasting(
            new Failure.FailedPrecondition(
                "",
                "ENDPOINT_ANSWERS_OTHERWISE",
                "The endpoint %s answers with status %d; redirects are not followed."
                    .formatted(endpoint, status)));
      }
    };
  }

  /** The error object of a body in OpenAI's form, or in one of those that servers make of it. */
  private static JsonNode error(byte[] body) {
    try {
      JsonNode root = JSON.readTree(body);
      if (root == null) {
        return JSON.missingNode();
      }
      JsonNode error = root.path("error");
      if (error.isTextual()) {
        return JSON.createObjectNode().set("message", error);
      }
      return error.isObject() ? error : root;
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }

  private static String reason(JsonNode error) {
    String code = error.path("code").asText("");
    return code.matches("[A-Za-z][A-Za-z_]{2,63}")
        ? code.toUpperCase(Locale.ROOT)
        : "ENDPOINT_REFUSED_REQUEST";
  }

  private static String shown(String message, Credential key) {
    String shown = key.hidden(message).replaceAll("\\p{Cntrl}+", " ");
    return shown.length() <= LONGEST_MESSAGE ? shown : shown.substring(0, LONGEST_MESSAGE) + "...";
  }

  /** Seconds, or a date; zero where it is neither. */
  static Duration rest(String retryAfter, Instant now) {
    if (retryAfter == null || retryAfter.isBlank()) {
      return Duration.ZERO;
    }
    try {
      Duration rest =
          retryAfter.strip().matches("\\d{1,9}(\\.\\d{1,9})?")
              ? Duration.ofMillis((long) Math.ceil(Double.parseDouble(retryAfter.strip()) * 1000))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(retryAfter.strip(), DateTimeFormatter.RFC_1123_DATE_TIME));
      return rest.isNegative()
          ? Duration.ZERO
          : rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
    } catch (DateTimeParseException e) {
      return Duration.ZERO;
    }
  }
}
