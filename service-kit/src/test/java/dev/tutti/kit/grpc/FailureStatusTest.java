package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.tutti.generation.v1.Spent;
import dev.tutti.generation.v1.Usage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
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
            new Failure.Unavailable("ENDPOINT_RESTING", "rests", Duration.ofMillis(1234)),
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

  /** As gRPC words them: addresses, its own classes, times of its inside. */
  @Test
  void grpcsOwnWordsReachNobody() {
    String inside =
        "Context deadline exceeded after 1.99s. Name resolution delay 0.01 seconds."
            + " [closed=[], open=[[remote_addr=/10.1.2.3:9081]]] io.grpc.netty";
    for (Status.Code code : Status.Code.values()) {
      boolean byServicesOnly =
          switch (code) {
            case OK,
                INVALID_ARGUMENT,
                OUT_OF_RANGE,
                NOT_FOUND,
                FAILED_PRECONDITION,
                ALREADY_EXISTS,
                ABORTED ->
                true;
            default -> false;
          };
      if (!byServicesOnly) {
        String told =
            FailureStatus.fromThrowable(
                    code.toStatus().withDescription(inside).asRuntimeException())
                .message();
        assertFalse(told.contains("Context") || told.contains("10.1.2.3"), code + ": " + told);
        assertTrue(told.endsWith("."), code + ": " + told);
      }
    }
  }

  @Test
  void whoWasWaitedForIsNamedAndHowLong() {
    var over =
        new FailureException(
            FailureStatus.fromThrowable(Status.DEADLINE_EXCEEDED.asRuntimeException()));
    long start = System.nanoTime() - 2_500_000_000L;
    String told = FailureStatus.naming(over, "gpt", start).failure().message();
    assertTrue(told.matches("'gpt' gave no whole answer within \\d+\\.\\d s\\."), told);
    var own = new Failure.DeadlineExceeded("ENDPOINT_SILENT", "It sent nothing for 60 s.");
    assertEquals(own, FailureStatus.naming(own.exception(), "gpt", start).failure());
  }

  /** What an endpoint calls an error is no name for a series. */
  @Test
  void outcomesAreFew() {
    assertEquals(
        "INVALID_ARGUMENT",
        FailureStatus.outcome(new Failure.InvalidArgument("", "WHATEVER_IT_SAYS", "No.")));
    assertEquals(
        "RESOURCE_EXHAUSTED",
        FailureStatus.outcome(
            new Failure.ResourceExhausted("WHATEVER_IT_SAYS", "No.", Duration.ofSeconds(1))));
    assertEquals("AWAY", FailureStatus.outcome(new Failure.Unavailable("AWAY", "Away.")));
  }

  /** A status with details is ours only where they say so. */
  @Test
  void detailsOfSomebodyElseAreNotOurs() {
    var foreign =
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.UNAVAILABLE.value())
                .setMessage("connect 10.1.2.3:9081")
                .addDetails(
                    Any.pack(
                        ErrorInfo.newBuilder().setDomain("proxy.example").setReason("X").build()))
                .build());
    Failure failure = FailureStatus.fromThrowable(foreign);
    assertEquals("UNAVAILABLE", failure.reason());
    assertFalse(failure.message().contains("10.1.2.3"), failure.message());
  }

  /** Who used it stays behind: names of 64 members do not fit. */
  @Test
  void whatAFailedCallUsedCrossesTheWire() {
    Usage.Builder usage = Usage.newBuilder().setPromptTokens(7);
    for (int i = 0; i < 64; i++) {
      usage.addMembersBuilder().setMember("m".repeat(128)).setCostUsd(0.5);
    }
    Spent spent = Spent.newBuilder().setUsage(usage).setCostUsd(0.5).build();
    var failure = new Failure.Unavailable("ENDPOINT_CUT", "cut");
    StatusRuntimeException status =
        FailureStatus.toStatus(new FailureException(failure, null, spent));
    assertEquals(failure, FailureStatus.fromThrowable(status));
    assertEquals(
        Spent.newBuilder().setUsage(Usage.newBuilder().setPromptTokens(7)).setCostUsd(0.5).build(),
        FailureStatus.spent(status));
    assertEquals(
        Spent.getDefaultInstance(),
        FailureStatus.spent(FailureStatus.toStatus(failure.exception())));
    assertEquals(
        Spent.getDefaultInstance(), FailureStatus.spent(Status.UNAVAILABLE.asRuntimeException()));
  }
}
