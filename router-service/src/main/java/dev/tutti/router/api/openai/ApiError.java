package dev.tutti.router.api.openai;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tutti.kit.grpc.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An error in OpenAI's form.
 *
 * @param status HTTP status; not in the body
 * @param message for people
 * @param type {@code invalid_request_error}, {@code rate_limit_error} or {@code server_error}
 * @param param the field that is wrong; null where it is none
 * @param code for programs, in lower snake case
 * @param retryAfter when another try is worth it; not in the body
 */
record ApiError(
    @JsonIgnore int status,
    String message,
    String type,
    String param,
    String code,
    @JsonIgnore Optional<Duration> retryAfter) {

  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";

  /** When what is away is worth another try. */
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** Messages of the contract whose fields are the body's own on REST. */
  private static final List<String> WRAPPERS = List.of("sampling.", "parameters.");

  /** Fields that services set for each other: whoever wrote a body knows none of them. */
  private static final Pattern INSIDE =
      Pattern.compile("(target|request_id|(recipe|member|wire)\\..*)");

  /** The body. */
  record Body(@JsonProperty("error") ApiError error) {}

  /** A request that can never succeed as it stands. */
  static ApiError invalid(int status, String code, String param, String message) {
    return new ApiError(status, message, INVALID, param, code, Optional.empty());
  }

  /** The error that tells of a failure. */
  static ApiError of(Failure failure) {
    String code = code(failure.reason());
    return switch (failure) {
      case Failure.InvalidArgument f -> invalid(400, code, param(f.field()), f.message());
      case Failure.NotFound f -> invalid(404, code, param(f.field()), f.message());
      case Failure.FailedPrecondition f when f.reason().equals("IDEMPOTENCY_KEY_REUSED") ->
          invalid(409, code, param(f.field()), f.message());
      case Failure.FailedPrecondition f ->
          server(gateway(f.reason(), 503), code, param(f.field()), f.message());
      case Failure.ResourceExhausted f ->
          new ApiError(
              429, f.message(), "rate_limit_error", null, code, Optional.of(f.retryAfter()));
      case Failure.Unavailable f ->
          server(gateway(f.reason(), 503), code, null, f.message(), f.retryAfter());
      case Failure.DeadlineExceeded f -> server(504, code, null, f.message());
      // 499: nobody reads it; proxies' logs know the number.
      case Failure.Cancelled f -> invalid(499, code, null, f.message());
      case Failure.Unauthenticated f -> invalid(401, code, null, f.message());
      case Failure.PermissionDenied f -> invalid(403, code, null, f.message());
      case Failure.Internal f -> server(500, code, null, f.message());
    };
  }

  /** 502 where an endpoint behind us is at fault, or our access to it. */
  private static int gateway(String reason, int otherwise) {
    return reason.startsWith("ENDPOINT_") || reason.startsWith("CREDENTIAL_") ? 502 : otherwise;
  }

  Body body() {
    return new Body(this);
  }

  private static ApiError server(int status, String code, String param, String message) {
    return server(status, code, param, message, Duration.ZERO);
  }

  /** Every 503 says when to try again, and a 502 where somebody told it. */
  private static ApiError server(
      int status, String code, String param, String message, Duration told) {
    Duration again = told.isPositive() || status != 503 ? told : AGAIN;
    return new ApiError(
        status,
        message,
        SERVER,
        param,
        code,
        again.isPositive() ? Optional.of(again) : Optional.empty());
  }

  private static String code(String reason) {
    return switch (reason) {
      case "INVALID_ARGUMENT" -> "invalid_value";
      case "RESOURCE_EXHAUSTED" -> "rate_limit_exceeded";
      default -> reason.toLowerCase(Locale.ROOT);
    };
  }

  /** The contract's path of a field, as REST calls it. */
  private static String param(String field) {
    return switch (field) {
      case "" -> null;
      case "name", "depth" -> "model";
      case "choices" -> "n";
      case "page_size" -> "limit";
      case "page_token" -> "after";
      default -> {
        if (INSIDE.matcher(field).matches()) {
          yield null;
        }
        if (field.matches("texts(\\[\\d+])?")) {
          yield "input";
        }
        String shown = field;
        for (String part : WRAPPERS) {
          shown = shown.startsWith(part) ? shown.substring(part.length()) : shown;
        }
        yield shown;
      }
    };
  }
}
