package dev.tutti.kit.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.tutti.generation.v1.Spent;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Locale;
import org.jboss.logging.Logger;

/** {@link Failure} to gRPC status with {@code google.rpc.ErrorInfo}, and back. */
public final class FailureStatus {

  /** Domain of every {@code ErrorInfo} of Tutti. */
  public static final String DOMAIN = "tutti.dev";

  private static final String FIELD = "field";

  /** gRPC's trailers hold 8 KiB; the message stands in them twice. */
  private static final int LONGEST_TEXT = 1500;

  private static final String OVER = "The time for the call was over before it was answered.";

  private static final Logger LOG = Logger.getLogger(FailureStatus.class);

  private FailureStatus() {}

  /**
   * The status that a caller gets. A throwable that is no {@link Failure} and no status is a fault
   * of ours: it is logged whole and the caller is told only that.
   */
  public static StatusRuntimeException toStatus(Throwable throwable) {
    Failure failure = fromThrowable(throwable);
    if (failure instanceof Failure.Internal && !(throwable instanceof StatusRuntimeException)) {
      LOG.error("Fault while answering a call", throwable);
    }
    String field =
        switch (failure) {
          case Failure.InvalidArgument f -> f.field();
          case Failure.NotFound f -> f.field();
          case Failure.FailedPrecondition f -> f.field();
          case Failure.ResourceExhausted _,
              Failure.Unavailable _,
              Failure.DeadlineExceeded _,
              Failure.Cancelled _,
              Failure.Unauthenticated _,
              Failure.PermissionDenied _,
              Failure.Internal _ ->
              "";
        };
    String message = cut(failure.message());
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(failure.reason());
    if (!field.isEmpty()) {
      info.putMetadata(FIELD, cut(field));
    }
    Status.Builder status =
        Status.newBuilder()
            .setCode(code(failure).getNumber())
            .setMessage(message)
            .addDetails(Any.pack(info.build()));
    if (failure.retryAfter().isPositive()) {
      status.addDetails(
          Any.pack(
              RetryInfo.newBuilder()
                  .setRetryDelay(Durations.fromMillis(failure.retryAfter().toMillis()))
                  .build()));
    }
    Spent spent = throwable instanceof FailureException e ? e.spent() : Spent.getDefaultInstance();
    if (Usages.isSomething(spent)) {
      status.addDetails(Any.pack(sum(spent)));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  /** Without who used it: trailers are short. */
  private static Spent sum(Spent spent) {
    return spent.toBuilder().setUsage(spent.getUsage().toBuilder().clearMembers()).build();
  }

  /**
   * What a call used that ended with this status, all members together, where whoever failed told
   * it; else nothing.
   */
  public static Spent spent(StatusRuntimeException exception) {
    return detail(StatusProto.fromThrowable(exception), Spent.class, Spent.getDefaultInstance());
  }

  /**
   * What went wrong, read back from a status that crossed the wire, or from any other throwable: an
   * unknown one is {@link Failure.Internal}.
   */
  public static Failure fromThrowable(Throwable throwable) {
    return switch (throwable) {
      case FailureException e -> e.failure();
      case StatusRuntimeException e -> fromStatus(e);
      case CancelledException _ -> new Failure.Cancelled("CANCELLED", "The caller left.");
      case InterruptedException _ -> new Failure.Cancelled("CANCELLED", "The call was cancelled.");
      default -> new Failure.Internal("INTERNAL", "An internal fault; it is in the service's log.");
    };
  }

  /**
   * A word for what went wrong of which there are few, for metrics: the reason, unless that may be
   * somebody's beyond this platform, whose words would be series without end.
   */
  public static String outcome(Failure failure) {
    return switch (failure) {
      case Failure.InvalidArgument _ -> "INVALID_ARGUMENT";
      case Failure.ResourceExhausted _ -> "RESOURCE_EXHAUSTED";
      default -> failure.reason();
    };
  }

  /**
   * The same failure; of a call that gRPC itself ended for its time, with who was waited for, and
   * how long.
   *
   * @param name who was asked
   * @param start of the call, by {@link System#nanoTime}
   */
  public static FailureException naming(FailureException e, String name, long start) {
    return e.failure() instanceof Failure.DeadlineExceeded f && f.message().equals(OVER)
        ? new FailureException(
            new Failure.DeadlineExceeded(
                f.reason(),
                String.format(
                    Locale.ROOT,
                    "'%s' gave no whole answer within %.1f s.",
                    name,
                    (System.nanoTime() - start) / 1e9)),
            e,
            e.spent())
        : e;
  }

  private static Failure fromStatus(StatusRuntimeException exception) {
    Status status = StatusProto.fromThrowable(exception);
    ErrorInfo info = detail(status, ErrorInfo.class, ErrorInfo.getDefaultInstance());
    boolean ours = info.getDomain().equals(DOMAIN);
    io.grpc.Status.Code code = exception.getStatus().getCode();
    String reason = ours ? info.getReason() : code.name();
    String message = ours ? status.getMessage() : words(exception);
    String field = info.getMetadataOrDefault(FIELD, "");
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> new Failure.InvalidArgument(field, reason, message);
      case NOT_FOUND -> new Failure.NotFound(field, reason, message);
      case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED ->
          new Failure.FailedPrecondition(field, reason, message);
      case RESOURCE_EXHAUSTED -> new Failure.ResourceExhausted(reason, message, retryAfter(status));
      case UNAVAILABLE -> new Failure.Unavailable(reason, message, retryAfter(status));
      case DEADLINE_EXCEEDED -> new Failure.DeadlineExceeded(reason, message);
      case CANCELLED -> new Failure.Cancelled(reason, message);
      case OK, UNKNOWN, INTERNAL, UNIMPLEMENTED, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED ->
          new Failure.Internal(reason, message);
    };
  }

  /**
   * What a status means that no service of ours made: gRPC's own words tell of addresses and of its
   * inside, which is for the log.
   */
  private static String words(StatusRuntimeException exception) {
    io.grpc.Status status = exception.getStatus();
    boolean unexpected =
        switch (status.getCode()) {
          case OK, UNKNOWN, INTERNAL, DATA_LOSS -> true;
          default -> false;
        };
    LOG.logf(
        unexpected ? Logger.Level.WARN : Logger.Level.DEBUG,
        "A call of a service behind this one failed: %s",
        status);
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> OVER;
      case UNAVAILABLE -> "A service behind this one is unreachable.";
      case RESOURCE_EXHAUSTED ->
          "A service behind this one takes no more calls, or no message that is so large.";
      case CANCELLED -> "The call was cancelled.";
      case UNIMPLEMENTED ->
          "A service behind this one does not know the call: its version differs.";
      case PERMISSION_DENIED, UNAUTHENTICATED -> "A service behind this one refuses the call.";
      case OK, UNKNOWN, INTERNAL, DATA_LOSS ->
          "A service behind this one failed; the log says more.";
      // gRPC by itself never ends a call with one of these.
      case INVALID_ARGUMENT,
          OUT_OF_RANGE,
          NOT_FOUND,
          FAILED_PRECONDITION,
          ALREADY_EXISTS,
          ABORTED ->
          status.getDescription() == null
              ? "A service behind this one refuses the call (%s).".formatted(status.getCode())
              : status.getDescription();
    };
  }

  /** Cuts text so that it fits percent-encoded, and once more in the details, into the trailers. */
  private static String cut(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      // A character outside ASCII is three bytes at most in UTF-8 (a surrogate two), each three
      // long.
      bytes += text.charAt(i) < 0x80 ? 1 : 9;
      if (bytes > LONGEST_TEXT) {
        return text.substring(0, Character.isLowSurrogate(text.charAt(i)) ? i - 1 : i) + "…";
      }
    }
    return text;
  }

  private static Code code(Failure failure) {
    return switch (failure) {
      case Failure.InvalidArgument _ -> Code.INVALID_ARGUMENT;
      case Failure.NotFound _ -> Code.NOT_FOUND;
      case Failure.FailedPrecondition _ -> Code.FAILED_PRECONDITION;
      case Failure.ResourceExhausted _ -> Code.RESOURCE_EXHAUSTED;
      case Failure.Unavailable _ -> Code.UNAVAILABLE;
      case Failure.DeadlineExceeded _ -> Code.DEADLINE_EXCEEDED;
      case Failure.Cancelled _ -> Code.CANCELLED;
      case Failure.Unauthenticated _ -> Code.UNAUTHENTICATED;
      case Failure.PermissionDenied _ -> Code.PERMISSION_DENIED;
      case Failure.Internal _ -> Code.INTERNAL;
    };
  }

  private static Duration retryAfter(Status status) {
    RetryInfo retry = detail(status, RetryInfo.class, RetryInfo.getDefaultInstance());
    return Duration.ofMillis(Durations.toMillis(retry.getRetryDelay()));
  }

  private static <T extends com.google.protobuf.Message> T detail(
      Status status, Class<T> type, T absent) {
    if (status == null) {
      return absent;
    }
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
          LOG.debugf(e, "Unreadable %s in a status", type.getSimpleName());
        }
      }
    }
    return absent;
  }
}
