package dev.tutti.learning.artifact;

import dev.tutti.kit.settings.MethodCache;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.ArtifactSource;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.LiveArtifact;
import dev.tutti.learning.artifact.ArtifactFiles.Key;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The artifacts that are active or in shadow, in memory; a service makes one, of what its artifacts
 * become. A platform thread of its own, since an index takes seconds to make, looks once a second
 * whether something was switched, on this replica or another; no request waits for it. While the
 * database is away what is known stays, also over a restart, where copies are kept in a folder.
 *
 * @param <T> what an artifact becomes
 */
public final class LiveArtifacts<T> implements ArtifactSource<T>, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LiveArtifacts.class);
  private static final long POLL_MILLIS = 1_000;

  private final ArtifactTable table;
  private final List<? extends FittedMethod<?, T, ?>> methods;
  private final Optional<ArtifactFiles> files;
  private final Thread thread =
      Thread.ofPlatform().name("artifacts").daemon().unstarted(this::follow);
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<Key, LiveArtifact<T>> live = Map.of();
  private volatile State state = new State(false, Instant.now(), "not read yet", false);
  private volatile boolean stopping;

  /** The change up to which the table was read; guarded by this. */
  private long seen = -1;

  /** Whether somebody waits for the next look; guarded by this. */
  private boolean called;

  /**
   * How the tables stand.
   *
   * @param connected whether changes arrive
   * @param since when it became so
   * @param error why they do not; empty where they do
   * @param tried whether it is known what was active, or that the database cannot tell
   */
  public record State(boolean connected, Instant since, String error, boolean tried) {}

  /**
   * Nothing yet; {@link #start} begins.
   *
   * @param methods of the service
   * @param snapshot beside which copies are kept, in the folder of that name with {@code
   *     .artifacts} added; nowhere where it is empty
   */
  public LiveArtifacts(
      ArtifactTable table, List<? extends FittedMethod<?, T, ?>> methods, Optional<Path> snapshot) {
    this.table = table;
    this.methods = List.copyOf(methods);
    this.files =
        snapshot.map(
            file -> new ArtifactFiles(file.resolveSibling(file.getFileName() + ".artifacts")));
  }

  /**
   * Tells somebody, from now on, that others are live. It runs on the thread that looks, before a
   * change is answered.
   */
  public void whenChanged(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * The methods of a catalog, each made once, and anew where what it stands on may have changed.
   */
  public <M> MethodCache<M> methods(MethodCatalog<M> catalog) {
    var methods = new MethodCache<>(catalog);
    whenChanged(methods::forget);
    return methods;
  }

  /** Begins to look; returns at once. */
  public void start() {
    thread.start();
  }

  /** Looks no more. */
  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
  }

  @Override
  public Optional<LiveArtifact<T>> active(String name) {
    return find(name, false);
  }

  @Override
  public Optional<LiveArtifact<T>> shadow(String name) {
    return find(name, true);
  }

  /** Size of what is in memory, as it is kept. */
  long bytes() {
    return live.values().stream().mapToLong(LiveArtifact::bytes).sum();
  }

  /**
   * Those in memory that were fitted to another model's embeddings than these, as name@version.
   *
   * @param sha256 of the model that embeds now; of an artifact that did not note it nobody can tell
   */
  public List<String> embeddedByAnother(String sha256) {
    return live.entrySet().stream()
        .filter(
            e -> {
              String its = e.getValue().artifact().provenance().origin().embedderSha256();
              return !its.isEmpty() && !its.equals(sha256);
            })
        .map(e -> "%s@%d".formatted(e.getKey().name(), e.getKey().version()))
        .sorted()
        .toList();
  }

  /** How many versions are in memory. */
  public int count() {
    return live.size();
  }

  /** How the tables stand. */
  public State state() {
    return state;
  }

  /**
   * Waits until a change has been taken over here.
   *
   * @return whether it has; not where that takes longer, or the database was lost meanwhile
   */
  synchronized boolean await(long change, Duration longest) {
    called = true;
    notifyAll();
    long end = System.nanoTime() + longest.toNanos();
    try {
      while (seen < change) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Optional<LiveArtifact<T>> find(String name, boolean shadow) {
    return live.entrySet().stream()
        .filter(e -> e.getKey().shadow() == shadow && e.getKey().name().equals(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private void follow() {
    readFiles();
    while (!stopping) {
      try {
        look();
        connected();
      } catch (SQLException | RuntimeException | Error e) {
        disconnected(e);
      }
      if (!pause()) {
        return;
      }
    }
  }

  private synchronized boolean pause() {
    try {
      if (!called) {
        wait(POLL_MILLIS);
      }
      called = false;
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void look() throws SQLException {
    long last = table.lastChange();
    // Not "newer": a database that was restored has fewer changes than before.
    if (last != seen) {
      take(keys(table.changes()));
      synchronized (this) {
        seen = last;
        notifyAll();
      }
    }
  }

  private static List<Key> keys(List<ArtifactChange> changes) {
    Map<String, List<ArtifactChange>> byName =
        changes.stream()
            .collect(
                Collectors.groupingBy(ArtifactChange::name, TreeMap::new, Collectors.toList()));
    var keys = new ArrayList<Key>();
    byName.forEach(
        (name, its) -> {
          List<Integer> activated = ArtifactChange.activated(its);
          if (!activated.isEmpty()) {
            keys.add(new Key(name, activated.getLast(), false));
          }
          ArtifactChange.shadow(its).ifPresent(v -> keys.add(new Key(name, v, true)));
        });
    return keys;
  }

  private void take(List<Key> keys) throws SQLException {
    var next = new HashMap<Key, LiveArtifact<T>>();
    for (Key key : keys) {
      Optional<LiveArtifact<T>> known = known(key, table.digest(key.name(), key.version()));
      if (known.isPresent()) {
        next.put(key, known.get());
        files.ifPresent(f -> f.keep(key, known.get().artifact()::bytes));
        continue;
      }
      try {
        byte[] document =
            table
                .document(key.name(), key.version())
                .orElseThrow(() -> new IllegalArgumentException("It is not kept any more."));
        next.put(key, LiveArtifact.read(document, methods));
        files.ifPresent(f -> f.replace(key, document));
      } catch (IllegalArgumentException e) {
        // What answered before goes on, and stays kept.
        LOG.errorf("Artifact %s cannot be used: %s", key, e.getMessage());
        find(key.name(), key.shadow())
            .ifPresent(
                before ->
                    next.put(
                        new Key(key.name(), before.artifact().version(), key.shadow()), before));
      }
    }
    show(next);
    files.ifPresent(f -> f.retain(next.keySet()));
  }

  /**
   * What was made of the same bytes before: of the version that leaves the shadow, say, or of a
   * kept file, which may be of another database.
   */
  private Optional<LiveArtifact<T>> known(Key key, Optional<String> digest) {
    return live.entrySet().stream()
        .filter(e -> e.getKey().name().equals(key.name()))
        .map(Map.Entry::getValue)
        .filter(l -> Optional.of(l.digest()).equals(digest))
        .findFirst();
  }

  private void readFiles() {
    if (files.isEmpty()) {
      return;
    }
    var read = new HashMap<Key, LiveArtifact<T>>();
    for (Key key : files.get().list()) {
      try {
        read.put(key, LiveArtifact.read(files.get().read(key), methods));
      } catch (IOException | IllegalArgumentException e) {
        LOG.warnf("The kept artifact %s is left aside: %s", key, e.getMessage());
      }
    }
    if (!read.isEmpty()) {
      show(read);
    }
  }

  private void show(Map<Key, LiveArtifact<T>> next) {
    live = Map.copyOf(next);
    listeners.forEach(Runnable::run);
  }

  private void connected() {
    if (!state.connected()) {
      LOG.infof("Artifacts connected, %d in memory", live.size());
      state = new State(true, Instant.now(), "", true);
    }
  }

  private void disconnected(Throwable e) {
    State before = state;
    String why = e.getClass().getSimpleName() + ": " + e.getMessage();
    if (before.connected()) {
      LOG.infof("Artifacts lost, those in memory stay: %s", why);
    }
    state = new State(false, before.connected() ? Instant.now() : before.since(), why, true);
  }
}
