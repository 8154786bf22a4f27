package dev.tutti.kit.grpc;

import dev.tutti.registry.v1.RegistryServiceGrpc.RegistryServiceBlockingStub;
import dev.tutti.registry.v1.Snapshot;
import dev.tutti.registry.v1.WatchRequest;
import dev.tutti.registry.v1.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Follows the registry for as long as it is open. The last snapshot is kept in a file, so that a
 * service that starts while the registry is down still knows what it knew. A front door that was
 * locked once stays so, whatever a registry of before, or one whose database is of before, tells:
 * whoever wants it open again deletes the file and starts the service anew.
 */
public final class RegistryWatch implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(RegistryWatch.class);
  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final RegistryServiceBlockingStub stub;
  private final WatchRequest request;
  private final Optional<Path> cache;
  private final Consumer<Snapshot> listener;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean locked;
  private volatile State state = new State(false, Instant.now(), "not connected yet", 0);

  /**
   * How the watch stands.
   *
   * @param connected whether changes arrive
   * @param since when it became so
   * @param error why it is not connected; empty where it is
   * @param revision revision of the last snapshot; 0 for none
   */
  public record State(boolean connected, Instant since, String error, long revision) {}

  private RegistryWatch(
      RegistryServiceBlockingStub stub,
      WatchRequest request,
      Optional<Path> cache,
      Consumer<Snapshot> listener) {
    this.stub = stub;
    this.request = request;
    this.cache = cache;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("registry-watch").unstarted(this::follow);
  }

  /**
   * Starts to follow.
   *
   * @param stub of the registry
   * @param request what is to be told; its known revision is not set
   * @param cache file that keeps the last snapshot
   * @param listener gets every snapshot, one at a time; first the kept one, before this method
   *     returns. What it throws is logged, and the watch goes on
   */
  public static RegistryWatch start(
      RegistryServiceBlockingStub stub,
      WatchRequest request,
      Optional<Path> cache,
      Consumer<Snapshot> listener) {
    var watch = new RegistryWatch(stub, request, cache, listener);
    watch.loadCache();
    watch.thread.start();
    return watch;
  }

  /** How the watch stands. */
  public State state() {
    return state;
  }

  /** Stops following. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void follow() {
    Duration wait = FIRST_WAIT;
    while (!closed) {
      // A watch has no deadline: it lasts as long as both ends do. Its first snapshot is always
      // asked
      // for: revisions of another database could be equal by chance.
      try (var events = ClientStream.open(() -> stub.watch(request))) {
        while (events.hasNext()) {
          WatchResponse response = events.next();
          wait = FIRST_WAIT;
          accept(response.getSnapshot());
        }
        disconnected("the registry ended the watch");
      } catch (FailureException e) {
        if (closed) {
          return;
        }
        disconnected(e.failure().message());
      }
      try {
        Thread.sleep(wait);
      } catch (InterruptedException e) {
        return;
      }
      wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
    }
  }

  private void accept(Snapshot snapshot) {
    State before = state;
    if (!before.connected()) {
      LOG.infof("Registry connected, revision %d", snapshot.getRevision());
    }
    // First: whoever reads that it is connected may take what is not known for what is not there.
    Snapshot kept = locked(snapshot);
    deliver(kept);
    state =
        new State(
            true, before.connected() ? before.since() : Instant.now(), "", snapshot.getRevision());
    cache.ifPresent(file -> save(file, kept));
  }

  private Snapshot locked(Snapshot snapshot) {
    locked = locked || snapshot.getFrontDoorLocked();
    return locked == snapshot.getFrontDoorLocked()
        ? snapshot
        : snapshot.toBuilder().setFrontDoorLocked(true).build();
  }

  private void deliver(Snapshot snapshot) {
    try {
      listener.accept(snapshot);
    } catch (RuntimeException | Error e) {
      LOG.errorf(e, "Snapshot %d could not be taken over", snapshot.getRevision());
    }
  }

  private void disconnected(String error) {
    State before = state;
    if (before.connected()) {
      LOG.warnf("Registry lost: %s", error);
    }
    state =
        new State(
            false, before.connected() ? Instant.now() : before.since(), error, before.revision());
  }

  private void loadCache() {
    if (cache.isEmpty() || !Files.exists(cache.get())) {
      return;
    }
    try {
      Snapshot snapshot = Snapshot.parseFrom(Files.readAllBytes(cache.get()));
      state = new State(false, state.since(), state.error(), snapshot.getRevision());
      deliver(locked(snapshot));
    } catch (IOException e) {
      LOG.warnf(
          "The kept snapshot %s is unreadable and is left aside: %s", cache.get(), e.getMessage());
    }
  }

  private static void save(Path file, Snapshot snapshot) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "snapshot", ".tmp");
      Files.write(fresh, snapshot.toByteArray());
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UncheckedIOException e) {
      LOG.warnf("The snapshot could not be kept in %s: %s", file, e.getMessage());
    }
  }
}
