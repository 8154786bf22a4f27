package dev.tutti.cascade.solution;

import dev.tutti.cascade.Recalled;
import dev.tutti.cascade.Recalled.Example;
import dev.tutti.cascade.solution.Solution.Fresh;
import dev.tutti.cascade.solution.SolutionQueries.Place;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.Database;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.learning.database.DatabaseWatch;
import dev.tutti.numerics.GrowingIndex;
import dev.tutti.numerics.GrowingIndex.Neighbour;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What ensembles solved, in the database, which all replicas share; what is kept is committed when
 * {@link #keep} returns. Embeddings of the questions are in memory too, by shelf, and what changed
 * since is read whenever one is looked at: an example is always one that is in the list still.
 * While the database is away, or where it takes longer than a second, nothing is recalled and
 * nothing kept.
 */
@ApplicationScoped
public class Solutions {

  private static final Logger LOG = Logger.getLogger(Solutions.class);

  /** So many embeddings are in memory; shelves that were not looked at for longest go. */
  private static final int MOST_IN_MEMORY = 200_000;

  /** Whoever has asked goes on without where the database takes longer. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** So many are tried where some have left meanwhile. */
  private static final int TRIES = 3;

  /** And so many lists, most of which are empty. */
  private static final int MOST_LISTS = 1_000;

  private record Key(Shelf shelf, String scope) {}

  /** The questions of one shelf and scope, as far as they are known. */
  private static final class Known {

    private final ReentrantLock reading = new ReentrantLock();
    private final String embedder;
    private final GrowingIndex index;
    private Place place = Place.EMPTY;

    Known(String embedder, int dimension) {
      this.embedder = embedder;
      this.index =
          new GrowingIndex(
              dimension, work -> Thread.ofPlatform().daemon().name("solution-index").start(work));
    }
  }

  private final Database database;
  private final BooleanSupplier reachable;
  private final SolutionTable table;
  private final SolutionQueries queries = new SolutionQueries();
  private final Map<Key, Known> known = new LinkedHashMap<>(16, 0.75f, true);

  /** Of this service. */
  @Inject
  public Solutions(
      Database database,
      DatabaseWatch watch,
      @ConfigProperty(name = "tutti.cascade.solutions.most") int most) {
    this(database, () -> watch.state().answers(), most);
  }

  /**
   * In a database.
   *
   * @param reachable whether it is worth asking
   * @param most that are kept of a shelf
   */
  Solutions(Database database, BooleanSupplier reachable, int most) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "tutti.cascade.solutions.most is %d; at least 1 is needed.".formatted(most));
    }
    this.database = database;
    this.reachable = reachable;
    this.table = new SolutionTable(most);
  }

  /**
   * What is known of a question.
   *
   * @param scope under which it is asked ({@link Fresh#scope}); nothing else is looked at
   * @param embedding of it, of unit length
   * @param embedder what embedded it; questions that another embedded are not looked at
   * @param above the example is more similar than that
   */
  public Recalled recall(
      Shelf shelf,
      String scope,
      String question,
      float[] embedding,
      String embedder,
      double above) {
    if (!reachable.getAsBoolean()) {
      return Recalled.NOTHING;
    }
    try {
      return database.within(
          PATIENCE,
          connection ->
              new Recalled(
                  nearest(connection, shelf, scope, embedding, embedder, above),
                  queries.rejected(connection, shelf, SolutionTable.digest(scope, question))));
    } catch (SQLException e) {
      failed("Nothing is recalled", e);
      return Recalled.NOTHING;
    }
  }

  private Optional<Example> nearest(
      Connection connection,
      Shelf shelf,
      String scope,
      float[] embedding,
      String embedder,
      double above)
      throws SQLException {
    if (above >= 1) {
      return Optional.empty();
    }
    Known its = known(new Key(shelf, scope), embedder, embedding.length);
    read(connection, shelf, scope, its);
    for (Neighbour neighbour : its.index.nearest(embedding, TRIES)) {
      if (neighbour.similarity() <= above) {
        return Optional.empty();
      }
      Optional<Solution> shown = queries.show(connection, shelf, neighbour.id());
      if (shown.isPresent()) {
        Solution example = shown.get();
        return Optional.of(
            new Example(
                example.question(), example.answer(), example.member(), neighbour.similarity()));
      }
    }
    return Optional.empty();
  }

  private synchronized Known known(Key key, String embedder, int dimension) {
    Known its = known.get(key);
    if (its == null || !its.embedder.equals(embedder)) {
      its = new Known(embedder, dimension);
      known.put(key, its);
      int rows = known.values().stream().mapToInt(other -> other.index.size()).sum();
      var eldest = known.entrySet().iterator();
      while ((rows > MOST_IN_MEMORY || known.size() > MOST_LISTS) && known.size() > 1) {
        rows -= eldest.next().getValue().index.size();
        eldest.remove();
      }
    }
    return its;
  }

  /** Whoever finds another reading takes what there is: nobody waits with a connection. */
  private void read(Connection connection, Shelf shelf, String scope, Known its)
      throws SQLException {
    if (!its.reading.tryLock()) {
      return;
    }
    try {
      Place now = queries.place(connection, shelf);
      if (now.change() < its.place.change()) {
        // The tables were made anew.
        its.index.keep(_ -> false);
        its.place = Place.EMPTY;
      }
      if (!now.equals(its.place)) {
        queries
            .entries(connection, shelf, scope, its.embedder, its.place.change(), now.change())
            .forEach(entry -> its.index.add(entry.id(), entry.embedding()));
        if (now.removed() != its.place.removed()) {
          Set<Long> listed = queries.listed(connection, shelf, scope);
          its.index.keep(listed::contains);
        }
        its.place = now;
      }
    } finally {
      its.reading.unlock();
    }
  }

  /**
   * Keeps a solution.
   *
   * @param accepted whether it was judged; else it waits for its user's verdict
   * @return whether it is in the database
   */
  public boolean keep(Shelf shelf, Fresh fresh, boolean accepted) {
    if (!reachable.getAsBoolean()) {
      return false;
    }
    try {
      return database.within(
          PATIENCE,
          connection -> {
            if (accepted) {
              table.accept(connection, shelf, fresh);
            } else {
              table.await(connection, shelf, fresh);
            }
            return true;
          });
    } catch (SQLException e) {
      failed("A solution is not kept", e);
      return false;
    }
  }

  /**
   * A part of what is kept, the newest first.
   *
   * @param before numbers below that
   * @param count at least 1
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public List<Solution> list(Shelf shelf, long before, int count) {
    try (Connection connection = database.connect()) {
      return queries.list(connection, shelf, before, count);
    } catch (SQLException e) {
      throw away(e);
    }
  }

  /**
   * Deletes one, or all that are kept; none of them is shown from here on.
   *
   * @param id empty for all
   * @return how many there were
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public int delete(Shelf shelf, Optional<Long> id) {
    return delete(shelf, id, _ -> 0).deleted();
  }

  /**
   * What was deleted.
   *
   * @param deleted solutions
   * @param beside what else, as it was counted
   */
  public record Deleted(int deleted, int beside) {}

  /**
   * The same, and something else in the same transaction: both are done, or neither is.
   *
   * @param beside does that and counts it
   */
  public Deleted delete(Shelf shelf, Optional<Long> id, Database.Work<Integer> beside) {
    try {
      return database.within(
          connection -> new Deleted(table.delete(connection, shelf, id), beside.apply(connection)));
    } catch (SQLException e) {
      throw away(e);
    }
  }

  /**
   * Ensembles of which something is kept of a team.
   *
   * @param beside adds others
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public Set<String> ensembles(String team, Database.Work<Set<String>> beside) {
    try {
      return database.within(
          connection -> {
            var names = new TreeSet<>(queries.ensembles(connection, team));
            names.addAll(beside.apply(connection));
            return names;
          });
    } catch (SQLException e) {
      throw away(e);
    }
  }

  /**
   * Deletes those of a team that are of some decisions, of whatever ensemble.
   *
   * @return how many there were
   * @throws FailureException ({@link Failure.Unavailable}) where the database is away
   */
  public int deleteOf(String team, Collection<String> decisions) {
    Map<Long, String> found;
    try {
      found = database.within(connection -> queries.ofDecisions(connection, team, decisions));
    } catch (SQLException e) {
      throw away(e);
    }
    return found.entrySet().stream()
        .mapToInt(its -> delete(new Shelf(team, its.getValue()), Optional.of(its.getKey())))
        .sum();
  }

  private FailureException away(SQLException e) {
    failed("Solutions cannot be told or deleted", e);
    return new FailureException(
        new Failure.Unavailable("DATABASE_UNREACHABLE", "The database is out of reach."), e);
  }

  private void failed(String what, SQLException e) {
    database.failed(e);
    LOG.debugf("%s: %s", what, DatabaseFailure.of(e).message());
  }
}
