package dev.tutti.router.artifact;

import dev.tutti.router.QualityEstimator;
import dev.tutti.router.artifact.ArtifactFiles.Key;
import dev.tutti.router.fit.Artifact;
import dev.tutti.router.members.KnownNames;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
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
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The artifacts that are active or in shadow, in memory. A platform thread of its own, since an
 * index takes seconds to make, looks once a second whether something was switched, on this replica
 * or another; no request waits for it. While the database is away what is known stays, also over a
 * restart: copies lie beside the registry's kept snapshot ({@code tutti.router.snapshot} with
 * {@code .artifacts} added), where there is one.
 */
@ApplicationScoped
public class LiveArtifacts {

  private static final Logger LOG = Logger.getLogger(LiveArtifacts.class);
  private static final long POLL_MILLIS = 1_000;
  private static final int LATE = 10_000;

  private final ArtifactTable table;
  private final Runnable changed;
  private final Optional<ArtifactFiles> files;
  private final Thread thread =
      Thread.ofPlatform().name("artifacts").daemon().unstarted(this::follow);
  private volatile Map<Key, LiveArtifact> live = Map.of();
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

  @Inject
  LiveArtifacts(
      ArtifactTable table,
      KnownNames names,
      @ConfigProperty(name = "tutti.router.snapshot") Optional<String> snapshot) {
    this(table, names::refresh, snapshot.map(file -> Path.of(file + ".artifacts")));
  }

  /**
   * A replica.
   *
   * @param changed hears that others are live from now on
   * @param folder of the copies
   */
  LiveArtifacts(ArtifactTable table, Runnable changed, Optional<Path> folder) {
    this.table = table;
    this.changed = changed;
    this.files = folder.map(ArtifactFiles::new);
  }

  /** After those that follow the registry: their names are resolved again. */
  void start(@Observes @Priority(LATE) StartupEvent event) {
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    thread.interrupt();
  }

  /** The active version of an artifact. */
  public Optional<LiveArtifact> active(String name) {
    return find(name, false);
  }

  /** The version of an artifact that is in shadow. */
  public Optional<LiveArtifact> shadow(String name) {
    return find(name, true);
  }

  /** The estimator that was made of an artifact of this bean's. */
  public Optional<QualityEstimator> estimator(Artifact artifact) {
    return live.values().stream()
        .filter(l -> l.artifact() == artifact)
        .map(LiveArtifact::estimator)
        .findFirst();
  }

  /** Size of what is in memory, as it is kept. */
  long bytes() {
    return live.values().stream().mapToLong(LiveArtifact::bytes).sum();
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

  private Optional<LiveArtifact> find(String name, boolean shadow) {
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
    var next = new HashMap<Key, LiveArtifact>();
    for (Key key : keys) {
      Optional<LiveArtifact> known = known(key, table.digest(key.name(), key.version()));
      if (known.isPresent()) {
        next.put(key, known.get());
        files.ifPresent(f -> f.keep(key, known.get().artifact()::bytes));
        continue;
      }
      byte[] document = table.document(key.name(), key.version()).orElseThrow();
      try {
        next.put(key, LiveArtifact.read(document));
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
  private Optional<LiveArtifact> known(Key key, Optional<String> digest) {
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
    var read = new HashMap<Key, LiveArtifact>();
    for (Key key : files.get().list()) {
      try {
        read.put(key, LiveArtifact.read(files.get().read(key)));
      } catch (IOException | IllegalArgumentException e) {
        LOG.warnf("The kept artifact %s is left aside: %s", key, e.getMessage());
      }
    }
    if (!read.isEmpty()) {
      show(read);
    }
  }

  private void show(Map<Key, LiveArtifact> next) {
    live = Map.copyOf(next);
    changed.run();
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
