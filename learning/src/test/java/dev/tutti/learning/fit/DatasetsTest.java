package dev.tutti.learning.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.Deadlines;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.testing.ScriptedDatasets;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetServiceGrpc;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatasetsTest {

  private static final Dataset TASKS = Dataset.newBuilder().setName("tasks").setRevision(7).build();
  private static final Duration ENOUGH = Duration.ofSeconds(30);

  private final ScriptedDatasets scripted = new ScriptedDatasets();
  private final Datasets datasets = new Datasets();
  private final CountDownLatch end = new CountDownLatch(1);
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws IOException {
    scripted.put(
        "tasks",
        List.of(
            RecordedQuery.newBuilder()
                .setId("q")
                .addOutcomes(Outcome.newBuilder().setMember("anna").setScore(1))
                .build()));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(scripted)
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    datasets.registry = DatasetServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void close() {
    end.countDown();
    channel.shutdownNow();
    server.shutdownNow();
  }

  private Optional<Set<String>> seen(Duration most) {
    return datasets.seen(TASKS, "", List.of("anna", "zoe"), most);
  }

  private void hang() {
    scripted.beforeEach(
        () -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Test
  void whoeverHasAnOutcomeIsSeen() {
    assertEquals(Optional.of(Set.of("anna")), seen(ENOUGH));
  }

  @Test
  void whatTakesTooLongToSeeIsNotKnown() {
    hang();
    assertEquals(Optional.empty(), seen(Duration.ofMillis(200)));
  }

  /** Nobody waits for what would come of it. */
  @Test
  void theCallersOwnEndIsAFailure() throws Exception {
    hang();
    var clock = Deadlines.clock("test");
    try (Context.CancellableContext within =
        Context.current().withDeadlineAfter(200, TimeUnit.MILLISECONDS, clock)) {
      within.run(() -> assertThrows(FailureException.class, () -> seen(ENOUGH)));
    } finally {
      clock.shutdownNow();
    }
  }
}
