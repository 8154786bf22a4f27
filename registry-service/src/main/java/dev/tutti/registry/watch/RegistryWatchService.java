package dev.tutti.registry.watch;

import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcService;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code RegistryService}: each watcher is a virtual thread that waits for the feed. */
@GrpcService
public class RegistryWatchService extends RegistryServiceGrpc.RegistryServiceImplBase {

  private final SnapshotFeed feed;
  private final AtomicInteger watchers = new AtomicInteger();

  RegistryWatchService(SnapshotFeed feed, MeterRegistry meters) {
    this.feed = feed;
    Gauge.builder("tutti_registry_watchers", watchers, AtomicInteger::get)
        .description("Services that follow this replica")
        .register(meters);
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    ServerCalls.<WatchResponse>streaming(observer, sink -> follow(request, sink));
  }

  private void follow(WatchRequest request, EventSink<WatchResponse> sink) {
    // 0 is "none": a registry in which nothing was registered yet has a snapshot too.
    long known = request.getKnownRevision() == 0 ? -1 : request.getKnownRevision();
    watchers.incrementAndGet();
    try {
      while (true) {
        Snapshot snapshot = feed.next(known);
        Snapshot told = request.getKeys() ? snapshot : snapshot.toBuilder().clearKeys().build();
        sink.emit(WatchResponse.newBuilder().setSnapshot(told).build());
        known = snapshot.getRevision();
      }
    } catch (InterruptedException e) {
      throw new CancelledException();
    } finally {
      watchers.decrementAndGet();
    }
  }
}
