package dev.tutti.router.api.openai;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.FailureStatus;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Errors of REST: in OpenAI's form below /v1, problem+json (RFC 9457) elsewhere. */
final class Errors {

  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";

  /** What whoever may chat must not reach, and stood here before the registry had it. */
  private static final Set<String> GONE =
      Set.of("fits", "jobs", "artifacts", "evaluations", "learners", "budgets");

  private static final String RETRY_AFTER = "retry-after";
  private static final Logger LOG = Logger.getLogger(Errors.class);

  /** RFC 9457. */
  @JsonPropertyOrder({"type", "title", "status", "detail"})
  record Problem(String type, String title, int status, String detail) {}

  @ServerExceptionMapper
  Response map(ApiException e, UriInfo uri) {
    return response(e.error(), uri);
  }

  @ServerExceptionMapper
  Response map(WebApplicationException e, UriInfo uri) {
    int status = e.getResponse().getStatus();
    Response.StatusType info = e.getResponse().getStatusInfo();
    String code = info.getReasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
    String message =
        switch (status) {
          case 404 -> nothing(uri.getPath());
          case 405 -> "'%s' does not take this method.".formatted(uri.getPath());
          case 415 -> "The body must be application/json.";
          default -> info.getReasonPhrase() + ".";
        };
    return response(ApiError.invalid(status, code, null, message), uri);
  }

  @ServerExceptionMapper
  Response map(RuntimeException e, UriInfo uri) {
    return response(told(e), uri);
  }

  private static String nothing(String path) {
    String[] parts = path.split("/", 4);
    return isOpenAi(path) && parts.length > 2 && GONE.contains(parts[2])
        ? "'%s' is for administrators: the registry has it, at /api/v1/%s."
            .formatted(path, parts[2])
        : "There is nothing at '%s'.".formatted(path);
  }

  static boolean isOpenAi(String path) {
    return path.equals("/v1") || path.startsWith("/v1/");
  }

  static Problem problem(ApiError error) {
    Response.Status status = Response.Status.fromStatusCode(error.status());
    return new Problem(
        "about:blank",
        status == null ? error.code() : status.getReasonPhrase(),
        error.status(),
        error.message());
  }

  /** Refuses a request before anything else has looked at it, and ends its connection. */
  static void answer(RoutingContext http, ApiError error) {
    boolean openAi = isOpenAi(http.normalizedPath());
    error
        .retryAfter()
        .ifPresent(wait -> http.response().putHeader(RETRY_AFTER, Long.toString(seconds(wait))));
    http.response()
        .setStatusCode(error.status())
        .putHeader("content-type", openAi ? JSON : PROBLEM)
        .putHeader("connection", "close")
        .end(Json.encode(openAi ? error.body() : problem(error)));
  }

  private static long seconds(Duration wait) {
    return Math.max(1, Math.ceilDiv(wait.toMillis(), 1_000L));
  }

  /** What a client is told of whatever was thrown; a fault of ours is logged. */
  static ApiError told(RuntimeException e) {
    Failure failure = FailureStatus.fromThrowable(e);
    if (failure instanceof Failure.Internal && !(e instanceof FailureException)) {
      LOG.error("Fault while answering a request", e);
    }
    return ApiError.of(failure);
  }

  private static Response response(ApiError error, UriInfo uri) {
    boolean openAi = isOpenAi(uri.getPath());
    Response.ResponseBuilder response =
        Response.status(error.status())
            .type(openAi ? JSON : PROBLEM)
            .entity(openAi ? error.body() : problem(error));
    if (error.status() == Response.Status.UNAUTHORIZED.getStatusCode()) {
      response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    error
        .retryAfter()
        .ifPresent(
            wait ->
                response
                    .header(RETRY_AFTER, seconds(wait))
                    // OpenAI's clients look at it first.
                    .header("retry-after-ms", wait.toMillis()));
    return response.build();
  }
}
