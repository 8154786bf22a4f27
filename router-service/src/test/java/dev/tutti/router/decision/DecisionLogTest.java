package dev.tutti.router.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DecisionLogTest {

  @Test
  void whatDoesNotFitIsDroppedOldestFirstAndCounted() {
    var meters = new SimpleMeterRegistry();
    var log = new DecisionLog(new DecisionTable(null, null), meters, 2, 3);
    IntStream.range(0, 5).forEach(i -> log.keep(decision("d" + i), Spend.NOTHING));
    assertEquals(2, meters.get("tutti.router.decisions.pending").gauge().value());
    assertEquals(3, meters.get("tutti.router.decisions.dropped").counter().count());
    assertEquals("d2", log.find("d2").orElseThrow().getId());
    assertEquals("d4", log.find("d4").orElseThrow().getId());
    // The database, which has not been reached, could still know the one that memory lost.
    var e = assertThrows(FailureException.class, () -> log.find("d1"));
    assertInstanceOf(Failure.Unavailable.class, e.failure());
  }

  @Test
  void theBufferIsBoundedInBytesToo() throws InterruptedException {
    int size = decision("d0").toByteArray().length;
    var buffer = new Buffer(100, 3L * size);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, buffer.add(Kept.of(decision("d" + i), Spend.NOTHING, new float[0])));
    }
    assertEquals(1, buffer.add(Kept.of(decision("d3"), Spend.NOTHING, new float[0])));
    assertTrue(buffer.find("d0").isEmpty());
    assertEquals(List.of("d1", "d2"), buffer.oldest(2, 0).stream().map(Kept::id).toList());
    buffer.remove(buffer.oldest(2, 0));
    assertEquals(1, buffer.size());
    assertEquals(0, buffer.add(Kept.of(decision("d4"), Spend.NOTHING, new float[0])));
    // One that is larger than everything still gets in.
    assertEquals(
        2, buffer.add(Kept.of(decision("x".repeat(4 * size)), Spend.NOTHING, new float[0])));
    assertEquals(1, buffer.size());
  }

  @Test
  void theSameIdIsHeldOnce() {
    var buffer = new Buffer(2, 1_000);
    buffer.add(Kept.of(decision("a"), Spend.NOTHING, new float[0]));
    buffer.add(Kept.of(decision("b"), Spend.NOTHING, new float[0]));
    assertEquals(0, buffer.add(Kept.of(decision("a"), Spend.NOTHING, new float[0])));
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

  private static Decision decision(String id) {
    return Decision.newBuilder().setId(id).setEnsemble("e").build();
  }
}
