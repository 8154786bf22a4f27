package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.router.access.Caller;
import io.grpc.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DecisionLogTest {

  /** A database that never comes: nothing is dropped, the next request is refused. */
  @Test
  void whatIsDecidedIsKeptAndWhoeverComesNextIsRefused() {
    Caller.NOBODY.in(Context.current()).run(DecisionLogTest::keptAndRefused);
  }

  private static void keptAndRefused() {
    var meters = new SimpleMeterRegistry();
    var log = new DecisionLog(new DecisionTable(null, null, null), meters, 2, 3, false);
    log.keep(decision("d0"), Spend.NOTHING, null);
    log.awaitRoom();
    // Requests that were let in before it was full.
    IntStream.range(1, 5).forEach(i -> log.keep(decision("d" + i), Spend.NOTHING, null));
    assertEquals(5, log.waiting());
    var refused = assertThrows(FailureException.class, log::awaitRoom);
    assertInstanceOf(Failure.Unavailable.class, refused.failure());
    assertEquals("DECISIONS_BACKED_UP", refused.failure().reason());
    assertEquals(1, meters.get("tutti.router.decisions.backed.up").counter().count());
    assertEquals(0, meters.get("tutti.router.decisions.dropped").counter().count());
    assertEquals("d2", log.find("d2").orElseThrow().decision().getId());
    assertEquals("d4", log.find("d4").orElseThrow().decision().getId());
    // The database, which has not been reached, could still know the one that memory lost.
    var e = assertThrows(FailureException.class, () -> log.find("d1"));
    assertInstanceOf(Failure.Unavailable.class, e.failure());
  }

  @Test
  void theBufferIsBoundedInBytesToo() throws InterruptedException {
    long size = kept("d0").bytes();
    var buffer = new Buffer(100, 3 * size);
    for (int i = 0; i < 3; i++) {
      assertTrue(buffer.awaitRoom(0));
      buffer.replace(kept("d" + i));
    }
    assertFalse(buffer.awaitRoom(0));
    buffer.replace(kept("d3"));
    assertTrue(buffer.find("d0").isEmpty());
    assertEquals(List.of("d1", "d2"), buffer.oldest(2, 0).stream().map(Kept::id).toList());
    buffer.remove(buffer.oldest(2, 0));
    assertEquals(1, buffer.size());
    assertTrue(buffer.awaitRoom(0));
    // One that is larger than everything still gets in.
    buffer.replace(kept("x".repeat(4 * (int) size)));
    assertEquals(1, buffer.size());
    // The embedding counts.
    assertEquals(
        size + 4 * 384,
        Kept.of(decision("d0"), Spend.NOTHING, new float[384], Set.of(), null).bytes());
  }

  @Test
  void whoeverWaitsForRoomGoesOnWhenThereIsSome() throws InterruptedException {
    var buffer = new Buffer(1, 1_000);
    buffer.add(kept("a"));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                buffer.remove(buffer.oldest(1, 0));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    assertTrue(buffer.awaitRoom(10_000));
  }

  @Test
  void theSameIdIsHeldOnce() {
    var buffer = new Buffer(2, 1_000);
    buffer.replace(kept("a"));
    buffer.replace(kept("b"));
    buffer.replace(kept("a"));
    assertEquals(2, buffer.size());
  }

  @Test
  void aFailureTellsNothingOfWhatWasWritten() {
    var server =
        new SQLException(
            "ERROR: invalid byte sequence for encoding \"UTF8\": 0x00\n  Where: $1", "22021");
    var batch =
        new BatchUpdateException("Batch entry 0 insert into ... secret ...", "22021", 0, null);
    batch.setNextException(server);
    DatabaseFailure failure = DatabaseFailure.of(batch);
    assertEquals("ERROR: invalid byte sequence for encoding \"UTF8\": 0x00", failure.message());
    assertTrue(failure.refusesTheData());
    assertFalse(DatabaseFailure.of(new SQLException("gone", "08006")).refusesTheData());
    assertTrue(DatabaseFailure.of(new SQLException("no table", "42P01")).schemaIsGone());
  }

  private static Kept kept(String id) {
    return Kept.of(decision(id), Spend.NOTHING, new float[0], Set.of(), null);
  }

  private static Decision decision(String id) {
    return Decision.newBuilder().setId(id).setEnsemble("e").build();
  }
}
