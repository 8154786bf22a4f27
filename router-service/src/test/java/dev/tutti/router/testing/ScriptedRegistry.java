package dev.tutti.router.testing;

import dev.tutti.kit.testing.FreePort;
import dev.tutti.learning.testing.ScriptedDatasets;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.TellUseRequest;
import dev.tutti.registry.v1.TellUseResponse;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A registry that says what it is told to say, and can go away and come back on the same port. */
public final class ScriptedRegistry extends RegistryServiceGrpc.RegistryServiceImplBase {

  private final List<StreamObserver<WatchResponse>> watchers = new CopyOnWriteArrayList<>();
  private final List<TellUseRequest> told = new CopyOnWriteArrayList<>();
  private final ScriptedDatasets datasets = new ScriptedDatasets();
  private Snapshot snapshot = Snapshot.getDefaultInstance();
  private final int port = FreePort.find();
  private Server server;

  public synchronized void start() {
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
              .addService(this)
              .addService(datasets)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public synchronized void stop() {
    watchers.clear();
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public ScriptedDatasets datasets() {
    return datasets;
  }

  public int port() {
    return port;
  }

  /** Tells this to everybody, now and from now on; the revision grows by itself. */
  public synchronized void tell(Snapshot next) {
    snapshot = next.toBuilder().setRevision(snapshot.getRevision() + 1).build();
    watchers.forEach(this::send);
  }

  public synchronized long revision() {
    return snapshot.getRevision();
  }

  @Override
  public synchronized void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    watchers.add(observer);
    send(observer);
  }

  @Override
  public void tellUse(TellUseRequest request, StreamObserver<TellUseResponse> observer) {
    told.add(request);
    observer.onNext(TellUseResponse.getDefaultInstance());
    observer.onCompleted();
  }

  /** What was told of keys so far. */
  public List<TellUseRequest> told() {
    return told;
  }

  private void send(StreamObserver<WatchResponse> watcher) {
    try {
      watcher.onNext(WatchResponse.newBuilder().setSnapshot(snapshot).build());
    } catch (RuntimeException e) {
      watchers.remove(watcher);
    }
  }
}
