package dev.tutti.router.members;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.kit.grpc.RegisteredSeries;
import dev.tutti.kit.grpc.RegistryWatch;
import dev.tutti.learning.artifact.LiveArtifacts;
import dev.tutti.registry.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The registry as this service knows it: the last snapshot, from the registry or from the file that
 * the one before was kept in. The registry is on no request's path.
 */
@ApplicationScoped
public class KnownNames {

  @GrpcClient("registry")
  RegistryServiceBlockingStub registry;

  @ConfigProperty(name = "tutti.router.snapshot")
  Optional<String> file;

  private final Methods methods;
  private final LiveArtifacts<?> artifacts;
  private final RegisteredSeries series;
  private final Event<Snapshot> taken;
  private volatile Directory directory;
  private volatile RegistryWatch watch;
  private volatile Snapshot snapshot;

  KnownNames(
      Methods methods, LiveArtifacts<?> artifacts, MeterRegistry meters, Event<Snapshot> taken) {
    this.methods = methods;
    this.taken = taken;
    this.artifacts = artifacts;
    this.series = new RegisteredSeries(meters);
  }

  void start(@Observes StartupEvent event) {
    artifacts.whenChanged(this::refresh);
    watch =
        RegistryWatch.start(
            registry,
            WatchRequest.newBuilder().setKeys(true).build(),
            file.map(Path::of),
            this::take);
  }

  void stop(@Observes ShutdownEvent event) {
    watch.close();
  }

  /**
   * What a name, or an alias, stands for; the entry says its own name.
   *
   * @throws FailureException {@link Failure.NotFound} for a name that does not exist or is retired;
   *     {@link Failure.Unavailable} where only the registry could tell and it is out of reach;
   *     {@link Failure.FailedPrecondition} for an ensemble that cannot be served
   */
  public Entry resolve(String name) {
    Directory now = directory;
    Optional<Entry> entry = now == null ? Optional.empty() : now.find(name);
    if (entry.isPresent()) {
      if (entry.get() instanceof Entry.Unserved unserved) {
        throw unserved.why().exception();
      }
      return entry.get();
    }
    if (!watch.state().connected()) {
      throw new Failure.Unavailable(
              "REGISTRY_UNREACHABLE",
              "'%s' is not known here, and the registry, which could tell, is out of reach."
                  .formatted(shown(name)))
          .exception();
    }
    throw new Failure.NotFound(
            "name",
            "MODEL_NOT_FOUND",
            "There is no model or ensemble '%s'. GET /v1/models lists them.".formatted(shown(name)))
        .exception();
  }

  /** The own name of what is called so; the same where nothing is, or nothing is known yet. */
  public String own(String name) {
    Directory now = directory;
    return now == null ? name : now.own(name);
  }

  /** Every name; empty until the first snapshot. */
  public Optional<Directory> directory() {
    return Optional.ofNullable(directory);
  }

  /** The last snapshot; empty until there was one. */
  public Optional<Snapshot> snapshot() {
    return Optional.ofNullable(snapshot);
  }

  /** How the watch of the registry stands. */
  public RegistryWatch.State state() {
    return watch.state();
  }

  /** Resolves what is known once more: something else was learned. */
  private synchronized void refresh() {
    if (snapshot != null) {
      take(snapshot);
    }
  }

  private synchronized void take(Snapshot next) {
    snapshot = next;
    directory = directory == null ? new Directory(next, methods.catalog()) : directory.next(next);
    series.follow(next);
    taken.fire(next);
  }

  private static String shown(String name) {
    return name.length() <= 128 ? name : name.substring(0, 128) + "...";
  }
}
