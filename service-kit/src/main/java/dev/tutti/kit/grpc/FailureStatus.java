package dev.tutti.kit.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.jboss.logging.Logger;

/** {@link Failure} to gRPC status with {@code google.rpc.ErrorInfo}, and back. */
public final class FailureStatus {

  /** Domain of every {@code ErrorInfo} of Tutti. */
  public static final String DOMAIN = "tutti.dev";

  private static final String FIELD = "field";

  /** gRPC's trailers hold 8 KiB; the message stands in them twice. */
  private static final int LONGEST_TEXT = 1500;

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
    if (failure instanceof Failure.ResourceExhausted exhausted) {
      status.addDetails(
          Any.pack(
              RetryInfo.newBuilder()
                  .setRetryDelay(Durations.fromMillis(exhausted.retryAfter().toMillis()))
                  .build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
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

  private static Failure fromStatus(StatusRuntimeException exception) {
    Status status = StatusProto.fromThrowable(exception);
    String message = exception.getStatus().getDescription();
    if (message == null) {
      message = "The call ended with " + exception.getStatus().getCode() + ".";
    }
    ErrorInfo info = detail(status, ErrorInfo.class, ErrorInfo.getDefaultInstance());
    String reason =
        info.getReason().isEmpty() ? exception.getStatus().getCode().name() : info.getReason();
    String field = info.getMetadataOrDefault(FIELD, "");
    return switch (exception.getStatus().getCode()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> new Failure.InvalidArgument(field, reason, message);
      case NOT_FOUND -> new Failure.NotFound(field, reason, message);
      case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED ->
          new Failure.FailedPrecondition(field, reason, message);
      case RESOURCE_EXHAUSTED -> new Failure.ResourceExhausted(reason, message, retryAfter(status));
      case UNAVAILABLE ->
          new Failure.Unavailable(
              reason,
              info.getReason().isEmpty() ? "A service behind this one is unreachable." : message);
      case DEADLINE_EXCEEDED -> new Failure.DeadlineExceeded(reason, message);
      case CANCELLED -> new Failure.Cancelled(reason, message);
      case OK, UNKNOWN, INTERNAL, UNIMPLEMENTED, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED ->
          new Failure.Internal(reason, message);
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
