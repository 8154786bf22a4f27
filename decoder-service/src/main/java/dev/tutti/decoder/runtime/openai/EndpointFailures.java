package dev.tutti.decoder.runtime.openai;

import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.Failure;
import java.time.Duration;
import java.util.Locale;

/** What each thing that an endpoint does wrong means to the caller. */
final class EndpointFailures {

  /** Reason where the time is over that was left when the endpoint was asked. */
  static final String LATE = "DEADLINE_EXCEEDED";

  private static final Duration USUAL_REST = Duration.ofSeconds(1);
  private static final Duration FULL_REST = Duration.ofSeconds(1);
  private static final int LONGEST_MESSAGE = 1000;

  private EndpointFailures() {}

  static EndpointException unreachable(String endpoint, Throwable cause) {
    // The cause's own words may name addresses inside; the log has them.
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_UNREACHABLE", "%s cannot be reached.".formatted(endpoint)),
        cause);
  }

  /** What callers are told of a host that may not be called, or has no address. */
  static Failure atHost(String endpoint, Failure failure) {
    return failure instanceof Failure.FailedPrecondition f
        ? new Failure.FailedPrecondition(
            f.field(),
            f.reason(),
            "%s may not be called as this service is set up.".formatted(endpoint))
        : unreachable(endpoint, null).failure();
  }

  static EndpointException cut(String endpoint, Throwable cause) {
    return EndpointException.unwell(
        new Failure.Unavailable("ENDPOINT_CUT", "%s cut its answer off.".formatted(endpoint)),
        cause);
  }

  /** Nothing came: it may be at work all the same, so that no other try is made. */
  static EndpointException silent(String endpoint, String what, Duration limit) {
    return EndpointException.unwell(
            new Failure.DeadlineExceeded(
                "ENDPOINT_SILENT",
                "%s sent no %s for %s.".formatted(endpoint, what, Deadlines.shown(limit))),
            null)
        .begun();
  }

  /** Only signs of life came. */
  static EndpointException wordless(String endpoint, String what, Duration limit) {
    return EndpointException.unwell(
            new Failure.DeadlineExceeded(
                "ENDPOINT_SILENT",
                "%s sent signs of life, but no %s for %s."
                    .formatted(endpoint, what, Deadlines.shown(limit))),
            null)
        .begun();
  }

  /**
   * The caller's time is over: no fault of the endpoint.
   *
   * @param left what it was when the endpoint was asked
   */
  static EndpointException late(String endpoint, Duration left) {
    return EndpointException.lasting(
        new Failure.DeadlineExceeded(
            LATE,
            "%s did not answer within the %s that the request had left."
                .formatted(endpoint, Deadlines.shown(left))));
  }

  static EndpointException full(String endpoint) {
    return EndpointException.busy(
        new Failure.ResourceExhausted(
            "ENDPOINT_BUSY", "%s has as many calls as it may have.".formatted(endpoint), FULL_REST),
        false,
        Duration.ZERO);
  }

  static EndpointException malformed(String endpoint, String what, Throwable cause) {
    return EndpointException.unwell(
        new Failure.Unavailable(
            "ENDPOINT_MALFORMED",
            "%s sent what is no OpenAI answer: %s.".formatted(endpoint, what)),
        cause);
  }

  /** Compressed in a way that was not asked for, and is not known here. */
  static EndpointException encoded(String endpoint, String encoding) {
    return EndpointException.lasting(
        new Failure.Unavailable(
            "ENDPOINT_ENCODING",
            "%s compresses its answer by '%s', though it was asked for none; known are gzip and deflate."
                .formatted(endpoint, shown(encoding, Credential.NONE))));
  }

  static EndpointException tooLarge(String endpoint, String what, long most) {
    return EndpointException.lasting(
        new Failure.Unavailable(
            "ENDPOINT_ANSWER_TOO_LARGE",
            "%s sent %s of more than %d bytes.".formatted(endpoint, what, most)));
  }

  /** An error that the endpoint told though it had begun to answer. */
  static EndpointException told(String endpoint, ToldError error, Credential key) {
    if (error.status() > 0) {
      return status(endpoint, error.status(), Duration.ZERO, error, key).begun();
    }
    String message = shown(error.message(), key);
    return EndpointException.unwell(
            new Failure.Unavailable(
                "ENDPOINT_FAILED",
                "%s failed: %s"
                    .formatted(endpoint, message.isEmpty() ? "it does not say why." : message)),
            null)
        .begun();
  }

  /**
   * An HTTP status other than 200.
   *
   * @param rest how long the endpoint wants to be left alone; zero where it does not say
   */
  static EndpointException status(
      String endpoint, int status, Duration rest, ToldError error, Credential key) {
    String message = shown(error.message(), key);
    return switch (status) {
      case 429 -> {
        Duration its = rest.isZero() ? USUAL_REST : rest;
        yield EndpointException.busy(
            new Failure.ResourceExhausted(
                reason(error.code(), "ENDPOINT_RATE_LIMITED"),
                "%s takes no more for now. %s".formatted(endpoint, message).strip(),
                its),
            false,
            its);
      }
      case 401, 402, 407 ->
          // Its message may repeat the key.
          EndpointException.own(
              new Failure.FailedPrecondition(
                  "",
                  "ENDPOINT_CREDENTIAL_REFUSED",
                  "%s refuses this service's key or account (status %d)."
                      .formatted(endpoint, status)),
              true);
      case 403 ->
          // It may be about the text: its words count, and it is no sign of its health.
          EndpointException.own(
              new Failure.FailedPrecondition(
                  "",
                  "ENDPOINT_CREDENTIAL_REFUSED",
                  "%s refuses the request, or this service's key or account, with status 403%s. %s"
                      .formatted(endpoint, inBrackets(error.code()), message)
                      .strip()),
              false);
      case 404, 405, 501 ->
          // It may lack one of the paths only: no sign of its health.
          EndpointException.own(
              new Failure.FailedPrecondition(
                  "",
                  "ENDPOINT_NOT_FOUND",
                  "%s has no such model or path (status %d). %s"
                      .formatted(endpoint, status, message)
                      .strip()),
              false);
      default -> {
        if (status == 408 || status >= 500) {
          yield EndpointException.busy(
              new Failure.Unavailable(
                  "ENDPOINT_FAILED",
                  "%s failed with status %d%s. %s"
                      .formatted(endpoint, status, inBrackets(error.code()), message)
                      .strip(),
                  rest),
              true,
              rest);
        }
        if (status >= 400) {
          yield EndpointException.lasting(
              new Failure.InvalidArgument(
                  error.param(),
                  reason(error.code(), "ENDPOINT_REFUSED_REQUEST"),
                  message.isEmpty()
                      ? "%s refuses the request with status %d.".formatted(endpoint, status)
                      : message));
        }
        yield EndpointException.lasting(
            new Failure.FailedPrecondition(
                "",
                "ENDPOINT_ANSWERS_OTHERWISE",
                "%s answers with status %d; redirects are not followed."
                    .formatted(endpoint, status)));
      }
    };
  }

  /** A told code as one of ours: {@code InvalidPrompt} and {@code invalid-prompt} alike. */
  private static String reason(String code, String otherwise) {
    return isCode(code)
        ? code.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replaceAll("[^A-Za-z0-9]+", "_")
            .toUpperCase(Locale.ROOT)
        : otherwise;
  }

  private static boolean isCode(String code) {
    return code.matches("[A-Za-z][A-Za-z0-9_.-]{2,63}");
  }

  private static String inBrackets(String code) {
    return isCode(code) ? " (" + code + ")" : "";
  }

  private static String shown(String message, Credential key) {
    String shown = key.hidden(message).replaceAll("\\p{Cntrl}+", " ");
    return shown.length() <= LONGEST_MESSAGE ? shown : shown.substring(0, LONGEST_MESSAGE) + "...";
  }
}
