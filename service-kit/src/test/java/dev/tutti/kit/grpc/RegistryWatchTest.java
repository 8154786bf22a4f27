package dev.tutti.kit.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryWatchTest {

  /** A registry that sends what is put into its queue. */
  private static final class Registry extends RegistryServiceGrpc.RegistryServiceImplBase {
    final BlockingQueue<Long> revisions = new LinkedBlockingQueue<>();
    volatile boolean locked;

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
      ServerCalls.<WatchResponse>streaming(
          observer,
          sink -> {
            try {
              while (true) {
                long revision = revisions.take();
                sink.emit(
                    WatchResponse.newBuilder()
                        .setSnapshot(
                            Snapshot.newBuilder().setRevision(revision).setFrontDoorLocked(locked))
                        .build());
              }
            } catch (InterruptedException e) {
              throw new CancelledException();
            }
          });
    }

    Server start(int port) throws IOException {
      return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
          .addService(this)
          .build()
          .start();
    }
  }

  @TempDir Path folder;

  @Test
  void itFollowsSurvivesTheRegistryAndKeepsTheLastSnapshot() throws Exception {
    Registry registry = new Registry();
    Server server = registry.start(0);
    int port = server.getPort();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    var stub = RegistryServiceGrpc.newBlockingStub(channel);
    Path file = folder.resolve("deep/snapshot.bin");
    BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
    try (var watch =
        RegistryWatch.start(
            stub,
            WatchRequest.getDefaultInstance(),
            Optional.of(file),
            s -> seen.add(s.getRevision()))) {
      registry.revisions.add(1L);
      registry.revisions.add(2L);
      assertEquals(1L, seen.poll(10, TimeUnit.SECONDS));
      assertEquals(2L, seen.poll(10, TimeUnit.SECONDS));
      await(() -> watch.state().connected());

      server.shutdownNow().awaitTermination();
      await(() -> !watch.state().connected());
      assertEquals(2L, watch.state().revision());
      assertFalse(watch.state().error().isEmpty());

      server = registry.start(port);
      registry.revisions.add(3L);
      assertEquals(3L, seen.poll(20, TimeUnit.SECONDS));
      await(() -> watch.state().connected());
      await(() -> revisionIn(file) == 3);
    } finally {
      server.shutdownNow().awaitTermination();
    }

    // A new start without a registry knows what was known.
    try (var watch =
        RegistryWatch.start(
            stub,
            WatchRequest.getDefaultInstance(),
            Optional.of(file),
            s -> seen.add(s.getRevision()))) {
      assertEquals(3L, seen.poll());
      assertFalse(watch.state().connected());
    } finally {
      channel.shutdownNow();
    }
  }

  /** As a registry of the build of before does, and one whose database was restored. */
  @Test
  void aFrontDoorThatWasLockedStaysSoAndOverAStart() throws Exception {
    Path file = folder.resolve("snapshot.bin");
    assertEquals(List.of(false, true, true), locks(file, false, true, false));
    // The first is the kept one.
    assertEquals(List.of(true, true, true), locks(file, false, false));
  }

  /** What a watch that begins now tells of a registry that tells this. */
  private static List<Boolean> locks(Path file, boolean... told) throws Exception {
    Registry registry = new Registry();
    Server server = registry.start(0);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    BlockingQueue<Snapshot> seen = new LinkedBlockingQueue<>();
    var locks = new ArrayList<Boolean>();
    if (Files.exists(file)) {
      locks.add(Snapshot.parseFrom(Files.readAllBytes(file)).getFrontDoorLocked());
    }
    int kept = locks.size();
    try (var watch = start(channel, file, seen)) {
      for (int i = 0; i < kept; i++) {
        assertEquals(locks.get(i), seen.poll(10, TimeUnit.SECONDS).getFrontDoorLocked());
      }
      for (int i = 0; i < told.length; i++) {
        registry.locked = told[i];
        registry.revisions.add(i + 1L);
        locks.add(seen.poll(10, TimeUnit.SECONDS).getFrontDoorLocked());
      }
      await(() -> watch.state().revision() == told.length && revisionIn(file) == told.length);
    } finally {
      server.shutdownNow().awaitTermination();
      channel.shutdownNow();
    }
    return locks;
  }

  private static RegistryWatch start(
      ManagedChannel channel, Path file, BlockingQueue<Snapshot> seen) {
    return RegistryWatch.start(
        RegistryServiceGrpc.newBlockingStub(channel),
        WatchRequest.getDefaultInstance(),
        Optional.of(file),
        seen::add);
  }

  @Test
  void aBrokenKeptSnapshotIsLeftAside() throws Exception {
    Path file = Files.write(folder.resolve("snapshot.bin"), new byte[] {1, 2, 3});
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", 1).usePlaintext().build();
    BlockingQueue<Snapshot> seen = new LinkedBlockingQueue<>();
    try (var watch =
        RegistryWatch.start(
            RegistryServiceGrpc.newBlockingStub(channel),
            WatchRequest.getDefaultInstance(),
            Optional.of(file),
            seen::add)) {
      assertEquals(0, seen.size());
      assertEquals(0, watch.state().revision());
    } finally {
      channel.shutdownNow();
    }
  }

  private static long revisionIn(Path file) {
    try {
      return Snapshot.parseFrom(Files.readAllBytes(file)).getRevision();
    } catch (IOException e) {
      return -1;
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    Instant end = Instant.now().plus(Duration.ofSeconds(20));
    while (!condition.getAsBoolean()) {
      assertTrue(Instant.now().isBefore(end), "waited 20 s");
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
