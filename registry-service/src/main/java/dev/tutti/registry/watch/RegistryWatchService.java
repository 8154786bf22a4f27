package dev.tutti.registry.watch;

import com.google.protobuf.util.Timestamps;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.ServerCalls;
import dev.tutti.registry.key.Keys;
import dev.tutti.registry.store.LostDatabase;
import dev.tutti.registry.v1.BudgetWarning;
import dev.tutti.registry.v1.KeyUse;
import dev.tutti.registry.v1.RegistryServiceGrpc;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.TellUseRequest;
import dev.tutti.registry.v1.TellUseResponse;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import dev.tutti.registry.webhook.Webhooks;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcService;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code RegistryService}: each watcher is a virtual thread that waits for the feed; and what front
 * doors tell.
 */
@GrpcService
public class RegistryWatchService extends RegistryServiceGrpc.RegistryServiceImplBase {

  private static final int MOST_USES = 1_000;

  private final SnapshotFeed feed;
  private final Keys keys;
  private final Webhooks webhooks;
  private final AtomicInteger watchers = new AtomicInteger();

  RegistryWatchService(SnapshotFeed feed, Keys keys, Webhooks webhooks, MeterRegistry meters) {
    this.feed = feed;
    this.webhooks = webhooks;
    this.keys = keys;
    Gauge.builder("tutti_registry_watchers", watchers, AtomicInteger::get)
        .description("Services that follow this replica")
        .register(meters);
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    ServerCalls.<WatchResponse>streaming(observer, sink -> follow(request, sink));
  }

  @Override
  public void tellUse(TellUseRequest request, StreamObserver<TellUseResponse> observer) {
    ServerCalls.unary(observer, () -> use(request));
  }

  private TellUseResponse use(TellUseRequest request) {
    if (request.getUsesCount() > MOST_USES) {
      throw Failure.invalid(
          "uses",
          "There are %d uses; at most %d are taken.".formatted(request.getUsesCount(), MOST_USES));
    }
    if (request.getWarningsCount() > MOST_USES) {
      throw Failure.invalid(
          "warnings",
          "There are %d warnings; at most %d are taken."
              .formatted(request.getWarningsCount(), MOST_USES));
    }
    Instant now = Instant.now();
    var last = new HashMap<String, Instant>();
    for (KeyUse use : request.getUsesList()) {
      Instant at = Instant.ofEpochMilli(Timestamps.toMillis(use.getLast()));
      // Another machine's clock may be ahead.
      last.merge(use.getKey(), at.isBefore(now) ? at : now, (a, b) -> a.isAfter(b) ? a : b);
    }
    try {
      keys.used(last);
      for (BudgetWarning warning : request.getWarningsList()) {
        webhooks.warn(warning);
      }
    } catch (SQLException e) {
      if (LostDatabase.causes(e)) {
        throw new FailureException(
            new Failure.Unavailable(
                "DATABASE_UNREACHABLE", "The registry's database cannot be reached. Try again."),
            e);
      }
      throw new IllegalStateException("The use of keys cannot be noted", e);
    }
    return TellUseResponse.getDefaultInstance();
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
