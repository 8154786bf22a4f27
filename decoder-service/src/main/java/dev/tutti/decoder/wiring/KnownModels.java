package dev.tutti.decoder.wiring;

import dev.tutti.decoder.answer.DecoderMetrics;
import dev.tutti.decoder.answer.FusionPlans;
import dev.tutti.decoder.runtime.DecoderConfig;
import dev.tutti.decoder.runtime.ModelPool;
import dev.tutti.decoder.runtime.SentenceEmbedder;
import dev.tutti.decoder.runtime.openai.RemoteModels;
import dev.tutti.kit.grpc.RegisteredSeries;
import dev.tutti.kit.grpc.RegistryWatch;
import dev.tutti.registry.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Follows the registry and hands its models to the pool. */
@Singleton
public class KnownModels {

  private final RegistryServiceBlockingStub registry;
  private final RemoteModels remote;
  private final ModelPool pool;
  private final FusionPlans plans;
  private final DecoderConfig config;
  private final DecoderMetrics metrics;
  private final RegisteredSeries series;
  private volatile RegistryWatch watch;

  KnownModels(
      @GrpcClient("registry") RegistryServiceBlockingStub registry,
      RemoteModels remote,
      ModelPool pool,
      FusionPlans plans,
      DecoderConfig config,
      DecoderMetrics metrics,
      MeterRegistry meters) {
    this.registry = registry;
    this.remote = remote;
    this.pool = pool;
    this.plans = plans;
    this.config = config;
    this.metrics = metrics;
    this.series = new RegisteredSeries(meters);
  }

  // The embedding model is loaded with the service, not by the first request.
  void start(@Observes StartupEvent event, SentenceEmbedder embedder) {
    watch =
        RegistryWatch.start(
            registry, WatchRequest.getDefaultInstance(), config.snapshotFile(), this::take);
  }

  void stop(@Observes ShutdownEvent event) {
    watch.close();
  }

  private void take(Snapshot snapshot) {
    remote.follow(snapshot);
    pool.follow(snapshot);
    plans.clear();
    metrics.follow(snapshot);
    series.follow(snapshot);
  }

  /** How the watch of the registry stands. */
  public RegistryWatch.State state() {
    return watch.state();
  }
}
