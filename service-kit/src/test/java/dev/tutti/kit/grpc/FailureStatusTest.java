package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureStatusTest {

  @Test
  void everyFailureCrossesTheWireUnchanged() {
    List<Failure> failures =
        List.of(
            new Failure.InvalidArgument("sampling.temperature", "INVALID_ARGUMENT", "-1"),
            new Failure.NotFound("model", "MODEL_NOT_FOUND", "no such model"),
            new Failure.FailedPrecondition("model", "MODEL_RETIRED", "gone"),
            new Failure.ResourceExhausted("SESSIONS", "busy", Duration.ofMillis(1500)),
            new Failure.Unavailable("MEMBERS_DOWN", "all down"),
            new Failure.DeadlineExceeded("DEADLINE", "late"),
            new Failure.Cancelled("CANCELLED", "left"),
            new Failure.Internal("INTERNAL", "ours"));
    for (Failure failure : failures) {
      assertEquals(
          failure, FailureStatus.fromThrowable(FailureStatus.toStatus(failure.exception())));
    }
  }

  @Test
  void anUnknownThrowableTellsNothingOfItsInside() {
    StatusRuntimeException status =
        FailureStatus.toStatus(new IllegalStateException("password=geheim"));
    assertEquals(Status.Code.INTERNAL, status.getStatus().getCode());
    assertFalse(status.getMessage().contains("geheim"));
  }

  @Test
  void aStatusOfSomebodyElseKeepsItsKind() {
    assertInstanceOf(
        Failure.Unavailable.class,
        FailureStatus.fromThrowable(Status.UNAVAILABLE.withDescription("io").asRuntimeException()));
    assertInstanceOf(
        Failure.DeadlineExceeded.class,
        FailureStatus.fromThrowable(Status.DEADLINE_EXCEEDED.asRuntimeException()));
  }
}
