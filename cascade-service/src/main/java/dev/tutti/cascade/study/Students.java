package dev.tutti.cascade.study;

import dev.tutti.cascade.method.student.NeuralCache;
import dev.tutti.cascade.method.student.NeuralCache.Settings;
import dev.tutti.cascade.method.student.Observation;
import dev.tutti.cascade.study.ObservationTable.Part;
import dev.tutti.cascade.study.ObservationTable.Place;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
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
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Students of ensembles, each as far as its replica has followed. What they learn from is in the
 * database, appended before the answer ends and in one order; every replica folds it in that order,
 * beside the requests, and comes to the same bits, as does one that starts later. While the
 * database is away they serve what they know, and learn nothing.
 */
@ApplicationScoped
public class Students {

  private static final Logger LOG = Logger.getLogger(Students.class);

  /** So many students are in memory; those that were not asked for longest go. */
  private static final int MOST = 64;

  /** What others appended is looked for so often at most. */
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  /** So many steps are between two trims. */
  private static final int TRIM = 1_000;

  /** At least so many needs, and students, follow from what is kept. */
  private static final int LEAST_KEPT = 400;

  private static final int STUDENTS = 5;

  private static final class Known {

    private final AtomicBoolean following = new AtomicBoolean();
    private volatile NeuralCache cache;
    private volatile long looked = System.nanoTime() - AGAIN_NANOS;
    private long epoch;
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

  /** Of this service. */
  @Inject
  public Students(Database database, DatabaseWatch watch) {
    this(
        database,
        () -> watch.state().answers(),
        work -> Thread.ofPlatform().daemon().name("students").start(work));
  }

  /**
   * In a database.
   *
   * @param reachable whether it is worth asking
   * @param folding carries out what may take seconds
   */
  Students(Database database, BooleanSupplier reachable, Executor folding) {
    this.database = database;
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
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        long position = table.append(connection, desk, observation);
        if (position % TRIM == 0) {
          table.trim(connection, desk, kept(settings));
        }
        connection.commit();
        done = true;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      failed("An observation is not kept", e);
      return false;
    }
    follow(desk, settings, known(desk, settings));
    return true;
  }

  /** Answers from which, and from what came after them, the same follows as from all. */
  static int kept(Settings settings) {
    return Math.max(LEAST_KEPT, settings.kept() + settings.initial() + STUDENTS * settings.every());
  }

  /**
   * Forgets what all students of an ensemble learned from; they begin anew.
   *
   * @return how many observations there were
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public int forget(String team, String ensemble) {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        int deleted = table.forget(connection, team, ensemble);
        connection.commit();
        done = true;
        return deleted;
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      failed("Observations cannot be deleted", e);
      throw new FailureException(
          new Failure.Unavailable("DATABASE_UNREACHABLE", "The database is out of reach."), e);
    }
  }

  private synchronized Known known(Desk desk, Settings settings) {
    Known its = known.computeIfAbsent(desk, _ -> new Known(settings));
    if (known.size() > MOST) {
      var eldest = known.keySet().iterator();
      eldest.next();
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
      place = table.place(connection, desk).orElse(new Place(0, 0, 0, its.epoch));
      if (place.epoch() != its.epoch || its.position < place.goneSteps()) {
        its.epoch = place.epoch();
        its.position = place.goneSteps();
        its.cache = NeuralCache.of(settings, place.goneSteps(), place.goneAsked());
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
