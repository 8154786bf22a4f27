package dev.tutti.cascade.study;

import dev.tutti.cascade.method.student.NeuralCache;
import dev.tutti.cascade.method.student.NeuralCache.Settings;
import dev.tutti.cascade.method.student.NeuralCache.Totals;
import dev.tutti.cascade.method.student.Observation;
import dev.tutti.cascade.study.ObservationTable.Part;
import dev.tutti.cascade.study.ObservationTable.Place;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.learning.database.DatabaseWatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Students of ensembles, each as far as its replica has followed. What they learn from is in the
 * database, appended before the answer ends and in one order; every replica folds it in that order,
 * beside the requests and all of them on one thread, and comes to the same bits, as does one that
 * starts later. While the database is away, or where it takes longer than a second, they serve what
 * they know, and learn nothing.
 */
@ApplicationScoped
public class Students {

  private static final Logger LOG = Logger.getLogger(Students.class);

  /**
   * So many embeddings are in memory, of all students together (384 numbers each: 77 MB); students
   * that were not asked for longest go. One alone may have more.
   */
  private static final int MOST_ROWS = 50_000;

  /** So many students are in memory: most of them that have learned hardly anything. */
  private static final int MOST = 1_000;

  /** Whoever has asked goes on without where the database takes longer. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** What others appended is looked for so often at most. */
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  /** So many steps are between two trims. */
  private static final int TRIM = 1_000;

  /** At least so many needs, and students, follow from what is kept. */
  private static final int LEAST_KEPT = 400;

  private static final int STUDENTS = 5;

  /** Epoch of what is in no list. */
  private static final long NEVER = -1;

  private static final class Known {

    private final AtomicBoolean following = new AtomicBoolean();
    private volatile NeuralCache cache;
    private volatile long looked = System.nanoTime() - AGAIN_NANOS;
    private long epoch = NEVER;
    private long position;

    Known(Settings settings) {
      cache = NeuralCache.of(settings);
    }
  }

  private final Database database;
  private final BooleanSupplier reachable;
  private final Executor folding;
  private final ObservationTable table = new ObservationTable();
  private final Map<Desk, Known> known = new LinkedHashMap<>(16, 0.75f, true);
  private final int mostRows;

  /** Of this service. */
  @Inject
  public Students(Database database, DatabaseWatch watch) {
    // What is parallel within a fit stays on a pool's own threads, of which this one has one.
    this(database, () -> watch.state().answers(), oneThread());
  }

  private static Executor oneThread() {
    return new ForkJoinPool(
        1,
        pool -> {
          var thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName("students");
          // Whoever makes the schema looks for its parts there.
          thread.setContextClassLoader(Students.class.getClassLoader());
          return thread;
        },
        null,
        true);
  }

  /**
   * In a database.
   *
   * @param reachable whether it is worth asking
   * @param folding carries out what may take seconds
   */
  Students(Database database, BooleanSupplier reachable, Executor folding) {
    this(database, reachable, folding, MOST_ROWS);
  }

  /**
   * The same.
   *
   * @param mostRows embeddings in memory
   */
  Students(Database database, BooleanSupplier reachable, Executor folding, int mostRows) {
    this.database = database;
    this.mostRows = mostRows;
    this.reachable = reachable;
    this.folding = folding;
  }

  /** What a student has learned, as far as it is known here. */
  public NeuralCache student(Desk desk, Settings settings) {
    Known its = known(desk, settings);
    if (System.nanoTime() - its.looked >= AGAIN_NANOS) {
      follow(desk, settings, its);
    }
    return its.cache;
  }

  /**
   * Appends what a student learns from.
   *
   * @return whether it is in the database
   */
  public boolean observe(Desk desk, Settings settings, Observation observation) {
    if (!reachable.getAsBoolean()) {
      return false;
    }
    long position;
    try {
      position =
          database.within(PATIENCE, connection -> table.append(connection, desk, observation));
    } catch (SQLException e) {
      failed("An observation is not kept", e);
      return false;
    }
    follow(desk, settings, known(desk, settings));
    if (position % TRIM == 1) {
      folding.execute(() -> bound(desk, settings));
    }
    return true;
  }

  private void bound(Desk desk, Settings settings) {
    try {
      database.within(
          connection -> {
            table.trim(connection, desk, kept(settings));
            table.bound(connection, desk);
            return true;
          });
    } catch (SQLException e) {
      failed("Old observations stay", e);
    }
  }

  /** Answers from which, and from what came after them, the same follows as from all. */
  static int kept(Settings settings) {
    return Math.max(LEAST_KEPT, settings.kept() + settings.initial() + STUDENTS * settings.every());
  }

  /**
   * Forgets what all students of an ensemble learned from; they begin anew.
   *
   * @param connection its transaction is the caller's
   * @return how many observations there were
   */
  public int forget(Connection connection, String team, String ensemble) throws SQLException {
    return table.forget(connection, team, ensemble);
  }

  /** Ensembles whose students learned from what a team asked. */
  public Set<String> ensembles(Connection connection, String team) throws SQLException {
    return table.ensembles(connection, team);
  }

  /** How many embeddings are in memory. */
  synchronized int rows() {
    return known.values().stream().mapToInt(its -> its.cache.rows()).sum();
  }

  private synchronized Known known(Desk desk, Settings settings) {
    Known its = known.computeIfAbsent(desk, _ -> new Known(settings));
    int rows = rows();
    var eldest = known.values().iterator();
    while (known.size() > 1 && (rows > mostRows || known.size() > MOST)) {
      rows -= eldest.next().cache.rows();
      eldest.remove();
    }
    return its;
  }

  private void follow(Desk desk, Settings settings, Known its) {
    if (reachable.getAsBoolean() && its.following.compareAndSet(false, true)) {
      its.looked = System.nanoTime();
      folding.execute(
          () -> {
            try {
              read(desk, settings, its);
            } catch (SQLException e) {
              failed("A student learns nothing", e);
            } finally {
              its.following.set(false);
            }
          });
    }
  }

  private void read(Desk desk, Settings settings, Known its) throws SQLException {
    Part part;
    Place place;
    try (Connection connection = database.connect()) {
      place = table.place(connection, desk).orElse(new Place(0, Totals.NONE, NEVER));
      if (place.epoch() != its.epoch || its.position < place.gone().steps()) {
        its.epoch = place.epoch();
        its.position = place.gone().steps();
        its.cache = NeuralCache.of(settings, place.gone());
      }
      part = table.after(connection, desk, its.position, place.steps());
    }
    // What was trimmed, or begun anew, meanwhile is read the next time.
    if (!part.observations().isEmpty()
        && part.first() == its.position + 1
        && part.observations().size() == place.steps() - its.position) {
      its.cache = its.cache.fold(part.observations());
      its.position = place.steps();
    }
  }

  private void failed(String what, SQLException e) {
    database.failed(e);
    LOG.debugf("%s: %s", what, DatabaseFailure.of(e).message());
  }
}
