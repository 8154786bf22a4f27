package dev.tutti.registry.watch;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.tutti.kit.grpc.ServiceToken;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;

/** A watcher of the registry under test. */
final class Watching implements AutoCloseable, StreamObserver<WatchResponse> {

  private final BlockingQueue<Snapshot> snapshots = new LinkedBlockingQueue<>();
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final ManagedChannel channel;
  private volatile Throwable error;

  Watching(long knownRevision) {
    this(knownRevision, false);
  }

  /** One that is told keys too, or not. */
  Watching(long knownRevision, boolean keys) {
    this(knownRevision, keys, "");
  }

  /** One that says a token of services; empty for none. */
  Watching(long knownRevision, boolean keys, String token) {
    var headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(ServiceToken.KEY, token);
    }
    channel =
        ManagedChannelBuilder.forAddress(
                "127.0.0.1",
                ConfigProvider.getConfig().getValue("quarkus.grpc.server.test-port", Integer.class))
            .usePlaintext()
            .build();
    context.run(
        () ->
            RegistryServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .watch(
                    WatchRequest.newBuilder().setKnownRevision(knownRevision).setKeys(keys).build(),
                    this));
  }

  /** The next snapshot; fails where none comes. */
  Snapshot next() throws InterruptedException {
    Snapshot snapshot = snapshots.poll(10, TimeUnit.SECONDS);
    assertNotNull(snapshot, () -> "no snapshot within 10 s; error: " + error);
    return snapshot;
  }

  /** The first snapshot that has this model at this version; those before it must come in order. */
  Snapshot until(String model, long version) throws InterruptedException {
    long last = -1;
    while (true) {
      Snapshot snapshot = next();
      if (snapshot.getRevision() <= last) {
        throw new AssertionError(snapshot.getRevision() + " after " + last);
      }
      last = snapshot.getRevision();
      if (snapshot.getModelsList().stream()
          .anyMatch(m -> m.getName().equals(model) && m.getVersion() == version)) {
        return snapshot;
      }
    }
  }

  /** A snapshot that is here already, or null. */
  Snapshot peek() {
    return snapshots.peek();
  }

  Throwable error() {
    return error;
  }

  @Override
  public void onNext(WatchResponse response) {
    snapshots.add(response.getSnapshot());
  }

  @Override
  public void onError(Throwable throwable) {
    error = throwable;
  }

  @Override
  public void onCompleted() {
    error = new AssertionError("completed");
  }

  @Override
  public void close() {
    context.cancel(null);
    channel.shutdownNow();
  }
}
