package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.Refusal;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What went wrong, as RFC 9457 says it.
 *
 * @param type which problem it is: {@code urn:tutti:problem:...}
 * @param title the problem in words, always the same for a type
 * @param status HTTP status
 * @param detail what it is about this time, for people
 * @param reason the same for programs, where a service that was asked tells it; else null
 * @param errors one by one; empty where there is only the detail
 * @param traceId of the request
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@Schema(description = "What went wrong (RFC 9457).")
public record Problem(
    @Schema(description = "Which problem it is.", examples = "urn:tutti:problem:invalid")
        String type,
    @Schema(description = "The problem in words.") String title,
    @Schema(description = "HTTP status.") int status,
    @Schema(description = "What it is about this time.") String detail,
    @Schema(
            description = "The same for programs, where a service that was asked tells it.",
            examples = "ARTIFACT_NOT_FOUND")
        String reason,
    @Schema(description = "One by one.") List<FieldError> errors,
    @Schema(description = "Trace of the request, for whoever looks into the logs.")
        String traceId) {

  /** Its content type. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** A problem of the request that is being answered. */
  static Problem of(String type, String title, int status, String detail, List<FieldError> errors) {
    return new Problem(
        "urn:tutti:problem:" + type, title, status, detail, null, errors, currentTraceId());
  }

  private Problem because(String why) {
    return new Problem(type, title, status, detail, why, errors, traceId);
  }

  /** The problem that a refusal is. */
  public static Problem of(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Malformed r ->
          of("malformed", "The request cannot be read", 400, r.detail(), r.errors());
      case Refusal.Invalid r ->
          of("invalid", "What would be registered cannot work", 422, r.detail(), r.errors());
      case Refusal.NotFound r -> of("not-found", "There is no such thing", 404, r.detail());
      case Refusal.Taken r -> of("name-taken", "The name is taken", 409, r.detail());
      case Refusal.InUse r -> of("in-use", "It is in use", 409, r.detail(), r.errors());
      case Refusal.Busy r -> of("busy", "Jobs need it as it is", 409, r.detail());
      case Refusal.WrongLifecycle r ->
          of("wrong-lifecycle", "Its lifecycle does not allow that", 409, r.detail());
      case Refusal.VersionRequired r ->
          of("version-required", "If-Match is required", 428, r.detail());
      case Refusal.Stale r -> of("stale", "It was changed in the meantime", 412, r.detail());
      case Refusal.Forged r ->
          of("forged", "The change does not come from a page of the console", 403, r.detail());
      case Refusal.Unsupported r ->
          of("unsupported-media-type", "Unsupported Media Type", 415, r.detail());
      case Refusal.TooLarge r -> of("too-large", "The body is too large", 413, r.detail());
      case Refusal.Unavailable r ->
          of("unavailable", "Something that is needed is not there now", 503, r.detail());
      case Refusal.NeighbourFault r ->
          of("neighbour-fault", "A service that was asked has a fault", 502, r.detail());
      case Refusal.OfService r -> of(r).because(r.failure().reason());
      case Refusal.Unauthorized r -> of("unauthorized", "Who asks is not known", 401, r.detail());
      case Refusal.Forbidden r -> of("forbidden", "Who asks may not do that", 403, r.detail());
      case Refusal.TooManyTries r -> of("too-many-tries", "Too many tries failed", 429, r.detail());
      case Refusal.NotOffered r ->
          of("not-offered", "The service does not have that", 501, r.detail());
    };
  }

  private static Problem of(Refusal.OfService refusal) {
    return switch (refusal.failure()) {
      case Failure.InvalidArgument f ->
          of("refused", "It cannot be done as asked", 400, f.message(), errors(f.field(), f));
      case Failure.NotFound f ->
          of("not-found", "There is no such thing", 404, f.message(), errors(f.field(), f));
      case Failure.FailedPrecondition f ->
          of("wrong-state", "It cannot be done now", 409, f.message(), errors(f.field(), f));
      case Failure.ResourceExhausted _,
          Failure.Unavailable _,
          Failure.DeadlineExceeded _,
          Failure.Cancelled _ ->
          of("unavailable", "Something that is needed is not there now", 503, refusal.detail());
      case Failure.Unauthenticated _, Failure.PermissionDenied _, Failure.Internal _ ->
          of("neighbour-fault", "A service that was asked has a fault", 502, refusal.detail());
    };
  }

  /** What a job calls its parameter is a field of the caller's body. */
  private static List<FieldError> errors(String field, Failure failure) {
    return field.isEmpty()
        ? List.of()
        : List.of(new FieldError(field.replaceFirst("^parameters\\.", ""), failure.message()));
  }

  /** Trace of the request that is being answered. */
  public static String currentTraceId() {
    return Span.current().getSpanContext().getTraceId();
  }

  private static Problem of(String type, String title, int status, String detail) {
    return of(type, title, status, detail, List.of());
  }
}
