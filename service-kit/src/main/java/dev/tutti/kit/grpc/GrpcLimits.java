package dev.tutti.kit.grpc;

import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Limits of the gRPC server for which Quarkus has no settings. */
@Singleton
@Unremovable
public class GrpcLimits implements ServerBuilderCustomizer<VertxServerBuilder> {

  /** Cancelled calls of one connection: of a neighbour whose callers all leave, not of a flood. */
  private static final int RESETS = 20_000;

  private static final int RESETS_WITHIN_SECONDS = 10;

  private final Duration idle;
  private final int calls;

  GrpcLimits(
      @ConfigProperty(name = "tutti.grpc.idle-timeout", defaultValue = "5m") Duration idle,
      @ConfigProperty(name = "tutti.grpc.calls-per-connection", defaultValue = "10000") int calls) {
    this.idle = idle;
    this.calls = calls;
  }

  @Override
  public void customize(GrpcServerConfiguration config, VertxServerBuilder builder) {
    builder
        .nettyBuilder()
        .maxConnectionIdle(idle.toMillis(), TimeUnit.MILLISECONDS)
        .maxConcurrentCallsPerConnection(calls)
        .maxRstFramesPerWindow(RESETS, RESETS_WITHIN_SECONDS);
  }
}
