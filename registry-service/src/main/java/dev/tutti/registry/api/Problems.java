package dev.tutti.registry.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.RefusedException;
import dev.tutti.registry.store.LostDatabase;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every exception becomes a problem here, and nowhere else. */
@Singleton
public class Problems {

  private static final Logger LOG = Logger.getLogger(Problems.class);
  static final int RETRY_SECONDS = 2;

  private final ObjectMapper json;

  Problems(ObjectMapper json) {
    this.json = json;
  }

  @ServerExceptionMapper
  Response refused(RefusedException exception) {
    return refused(exception.refusal());
  }

  @ServerExceptionMapper
  Response failed(FailureException exception) {
    return switch (exception.failure()) {
      case Failure.InvalidArgument f ->
          response(
              Problem.of(malformed(f.field().replaceFirst("^parameters\\.", ""), f.message())));
      case Failure.NotFound f -> response(Problem.of(new Refusal.NotFound(f.message())));
      case Failure.Unavailable f -> refused(new Refusal.Unavailable(f.message(), f.retryAfter()));
      case Failure.ResourceExhausted f ->
          refused(new Refusal.Unavailable(f.message(), f.retryAfter()));
      case Failure.DeadlineExceeded f ->
          refused(new Refusal.Unavailable(f.message(), f.retryAfter()));
      // Nothing that REST asks for ends so.
      case Failure.FailedPrecondition _,
          Failure.Cancelled _,
          Failure.Unauthenticated _,
          Failure.PermissionDenied _,
          Failure.Internal _ ->
          internal(exception);
    };
  }

  /** Quarkus maps two of them itself, and hands on as they are those that break a limit. */
  @ServerExceptionMapper({
    MismatchedInputException.class,
    JsonMappingException.class,
    StreamConstraintsException.class,
    JsonProcessingException.class
  })
  Response unreadable(JsonProcessingException exception) {
    return response(Problem.of(refusal(exception)));
  }

  @ServerExceptionMapper
  Response http(WebApplicationException exception) {
    if (exception.getCause() instanceof JsonProcessingException cause) {
      return response(Problem.of(refusal(cause)));
    }
    int status = exception.getResponse().getStatus();
    if (status < 400) {
      return exception.getResponse();
    }
    Response.Status known = Response.Status.fromStatusCode(status);
    String title = known == null ? "Status " + status : known.getReasonPhrase();
    String type = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    Response problem = response(Problem.of(type, title, status, detail(status), List.of()));
    String allowed = exception.getResponse().getHeaderString(HttpHeaders.ALLOW);
    return allowed == null
        ? problem
        : Response.fromResponse(problem).header(HttpHeaders.ALLOW, allowed).build();
  }

  /** What an OpenID provider answered and is not believed; why is in the log. */
  @ServerExceptionMapper({
    AuthenticationFailedException.class,
    AuthenticationCompletionException.class
  })
  Response untrusted(RuntimeException exception) {
    LOG.infof(
        "Somebody failed to sign in by the OpenID provider, trace %s: %s",
        Problem.currentTraceId(), exception);
    return response(
        Problem.of(
            new Refusal.Unauthorized(
                "What the OpenID provider answered is not believed, or too old; sign in again.")));
  }

  @ServerExceptionMapper
  Response fault(Throwable exception) {
    if (LostDatabase.causes(exception)) {
      LOG.debug("The database is lost", exception);
      return response(
          Problem.of(
              new Refusal.Unavailable("The registry's database cannot be reached. Try again.")));
    }
    return internal(exception);
  }

  private Response internal(Throwable exception) {
    LOG.errorf(exception, "Fault while answering, trace %s", Problem.currentTraceId());
    return response(
        Problem.of(
            "internal",
            "A fault of the registry",
            500,
            "An internal fault; it is in the service's log under the trace.",
            List.of()));
  }

  /** The response that says this problem. */
  Response response(Problem problem) {
    Response.ResponseBuilder response =
        Response.status(problem.status())
            .header(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
            .entity(bytes(problem));
    if (problem.status() == Response.Status.UNAUTHORIZED.getStatusCode()) {
      response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    if (problem.status() == Response.Status.SERVICE_UNAVAILABLE.getStatusCode()) {
      response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    return response.build();
  }

  /** A refusal; one that tells when to try again says so. */
  private Response refused(Refusal refusal) {
    Response response = response(Problem.of(refusal));
    Duration retryAfter =
        switch (refusal) {
          case Refusal.Unavailable r -> r.retryAfter();
          case Refusal.TooManyTries r -> r.retryAfter();
          case Refusal.OfService r -> r.failure().retryAfter();
          default -> Duration.ZERO;
        };
    if (retryAfter.isPositive()) {
      response
          .getHeaders()
          .putSingle(HttpHeaders.RETRY_AFTER, Math.ceilDiv(retryAfter.toMillis(), 1_000L));
    }
    return response;
  }

  byte[] bytes(Problem problem) {
    try {
      return json.writeValueAsBytes(problem);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A problem cannot be written", e);
    }
  }

  private static String detail(int status) {
    return switch (status) {
      case 404 -> "There is nothing at this path; /q/openapi tells what there is.";
      case 405 -> "This path does not take this method.";
      case 406 -> "Only application/json is answered.";
      case 413 -> BodyLimit.DETAIL;
      case 415 -> "The body must be application/json; that of an import application/x-ndjson.";
      default -> "The request cannot be answered.";
    };
  }

  /** What a document that cannot be read is refused for. */
  public static Refusal refusal(JsonProcessingException exception) {
    JsonLocation at = exception.getLocation();
    // What a form was made into has no places.
    String place =
        at == null || at.getLineNr() < 1
            ? ""
            : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
    String field = exception instanceof JsonMappingException mapping ? path(mapping) : "";
    return switch (exception) {
      case UnrecognizedPropertyException e ->
          malformed(
              field,
              "Unknown field '%s'; known: %s."
                  .formatted(
                      e.getPropertyName(),
                      e.getKnownPropertyIds().stream()
                          .map(Object::toString)
                          .sorted()
                          .collect(Collectors.joining(", "))));
      // The right type, but no value of it: an enum's, a time's.
      case InvalidFormatException e when !e.getOriginalMessage().startsWith("Cannot coerce") ->
          new Refusal.Invalid(
              List.of(
                  new FieldError(
                      field,
                      "'%s' is no value of %s; %s."
                          .formatted(shown(e.getValue()), field, reason(e)))));
      case MismatchedInputException e when field.isEmpty() ->
          malformed("", "The body must be one JSON object" + place + ".");
      case MismatchedInputException e ->
          malformed(
              field,
              "%s has the wrong type%s%s.".formatted(field, place, expected(e.getTargetType())));
      default ->
          malformed(
              field,
              "%s%s: %s."
                  .formatted(
                      field.isEmpty() ? "Malformed JSON" : field + " cannot be read",
                      place,
                      reason(exception)));
    };
  }

  private static Refusal malformed(String field, String detail) {
    return new Refusal.Malformed(List.of(new FieldError(field.isEmpty() ? "body" : field, detail)));
  }

  private static String expected(Class<?> type) {
    if (type == null) {
      return "";
    }
    if (type == Integer.class || type == Long.class) {
      return "; it is a whole number";
    }
    if (type == Double.class) {
      return "; it is a number";
    }
    if (List.class.isAssignableFrom(type)) {
      return "; it is a list";
    }
    boolean text = type == String.class || type.isEnum() || type == Instant.class;
    return text ? "; it is text" : "; it is an object";
  }

  /** What is wrong, in our words: Jackson's name classes and settings. */
  private static String reason(JsonProcessingException exception) {
    String message = exception.getOriginalMessage();
    if (message.contains("allowed: ")) {
      return message.substring(message.indexOf("allowed: "));
    }
    if (exception instanceof InvalidFormatException its) {
      return its.getTargetType() == Instant.class
          ? "it takes a time such as 2027-06-30T00:00:00Z"
          : "it is not in its form";
    }
    if (message.startsWith("Unexpected end-of-input")) {
      return "it ends too early";
    }
    if (message.startsWith("Duplicate field")) {
      return shown(message.lines().findFirst().orElseThrow());
    }
    return switch (exception.getCause() == null ? exception : exception.getCause()) {
      case StreamConstraintsException _ ->
          "it is nested too deeply, or holds a name or a number that is too long";
      case InputCoercionException _ -> "the number is out of range";
      default -> "JSON has no such thing here";
    };
  }

  private static String shown(Object value) {
    String text = String.valueOf(value);
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  private static String path(JsonMappingException exception) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference step : exception.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }
}
