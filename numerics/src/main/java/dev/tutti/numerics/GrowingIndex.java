package dev.tutti.numerics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongPredicate;

/**
 * The rows most similar to a query, by scalar product, of rows that come and go, each under a
 * number of its own. Most of them lie in a {@link NeighbourIndex}; those that came since it was
 * built are compared one by one, and it is built anew, beside the searches, once these or the rows
 * that went are more than an eighth of it (1,024 at least, 4,096 at most). Similarities are exact;
 * which rows are found is as approximate as the index is. Thread-safe.
 */
public final class GrowingIndex {

  private static final int LEAST_WAITING = 1_024;
  private static final int MOST_WAITING = 4_096;
  private static final int SHARE_WAITING = 8;

  /** So many more are looked for than are wanted, for those that went. */
  private static final int SPARE = 16;

  /**
   * A row.
   *
   * @param id its number
   * @param similarity scalar product with the query
   */
  public record Neighbour(long id, double similarity) {}

  private record Built(NeighbourIndex index, Matrix rows, long[] ids, Map<Long, Integer> places) {

    static Built of(Map<Long, float[]> rows) {
      var ids = new long[rows.size()];
      var places = new HashMap<Long, Integer>();
      var vectors = new ArrayList<float[]>(rows.size());
      rows.keySet().stream()
          .sorted()
          .forEach(
              id -> {
                ids[vectors.size()] = id;
                places.put(id, vectors.size());
                vectors.add(rows.get(id));
              });
      Matrix matrix = Matrix.of(vectors);
      return new Built(new NeighbourIndex(matrix), matrix, ids, places);
    }
  }

  private final int dimension;
  private final Executor builder;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<Long, float[]> waiting = new HashMap<>();
  private final Set<Long> gone = new HashSet<>();
  private Built built = Built.of(Map.of());
  private boolean building;

  /**
   * An empty index.
   *
   * @param dimension numbers of a row
   * @param builder carries out what takes seconds where there are many rows
   */
  public GrowingIndex(int dimension, Executor builder) {
    this.dimension = dimension;
    this.builder = builder;
  }

  /** How many rows there are. */
  public int size() {
    lock.readLock().lock();
    try {
      return built.ids().length - gone.size() + waiting.size();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Adds a row, in place of one of the same number.
   *
   * @param row not to be changed any more
   * @throws IllegalArgumentException where it has another length
   */
  public void add(long id, float[] row) {
    if (row.length != dimension) {
      throw new IllegalArgumentException(
          "Row %d has %d numbers; %d are needed.".formatted(id, row.length, dimension));
    }
    lock.writeLock().lock();
    try {
      drop(id);
      waiting.put(id, row);
    } finally {
      lock.writeLock().unlock();
    }
    buildIfDue();
  }

  /** Drops the row of this number; nothing where there is none. */
  public void remove(long id) {
    lock.writeLock().lock();
    try {
      drop(id);
    } finally {
      lock.writeLock().unlock();
    }
    buildIfDue();
  }

  /** Drops all rows whose number is not among these. */
  public void keep(LongPredicate kept) {
    lock.writeLock().lock();
    try {
      waiting.keySet().removeIf(id -> !kept.test(id));
      for (long id : built.ids()) {
        if (!kept.test(id)) {
          gone.add(id);
        }
      }
    } finally {
      lock.writeLock().unlock();
    }
    buildIfDue();
  }

  /** The most similar rows, the most similar first; of equally similar ones the lower number. */
  public List<Neighbour> nearest(float[] query, int count) {
    if (query.length != dimension) {
      throw new IllegalArgumentException(
          "The query has %d numbers; %d are needed.".formatted(query.length, dimension));
    }
    lock.readLock().lock();
    try {
      var found = new ArrayList<Neighbour>();
      waiting.forEach((id, row) -> found.add(new Neighbour(id, Vectors.dot(row, query))));
      found.addAll(inBuilt(query, count));
      return found.stream()
          .sorted(
              (one, other) -> {
                int bySimilarity = Double.compare(other.similarity(), one.similarity());
                return bySimilarity != 0 ? bySimilarity : Long.compare(one.id(), other.id());
              })
          .limit(count)
          .toList();
    } finally {
      lock.readLock().unlock();
    }
  }

  private List<Neighbour> inBuilt(float[] query, int count) {
    int rows = built.ids().length;
    int live = Math.min(count, rows - gone.size());
    if (live <= 0) {
      return List.of();
    }
    for (int wanted = Math.min(rows, count + SPARE); ; wanted = Math.min(rows, 2 * wanted)) {
      var found = new ArrayList<Neighbour>();
      for (int row : built.index().search(query, wanted).rows()) {
        if (!gone.contains(built.ids()[row])) {
          found.add(new Neighbour(built.ids()[row], built.rows().dot(row, query)));
        }
      }
      if (found.size() >= live || wanted == rows) {
        return found;
      }
    }
  }

  private void drop(long id) {
    waiting.remove(id);
    if (built.places().containsKey(id)) {
      gone.add(id);
    }
  }

  private void buildIfDue() {
    Map<Long, float[]> rows;
    lock.writeLock().lock();
    try {
      int most = Math.clamp(built.ids().length / SHARE_WAITING, LEAST_WAITING, MOST_WAITING);
      if (building || waiting.size() + gone.size() <= most) {
        return;
      }
      building = true;
      rows = live();
    } finally {
      lock.writeLock().unlock();
    }
    builder.execute(() -> build(rows));
  }

  private Map<Long, float[]> live() {
    var rows = new HashMap<>(waiting);
    for (int row = 0; row < built.ids().length; row++) {
      if (!gone.contains(built.ids()[row])) {
        rows.put(built.ids()[row], built.rows().row(row));
      }
    }
    return rows;
  }

  private void build(Map<Long, float[]> rows) {
    Built next = null;
    try {
      next = Built.of(rows);
    } finally {
      lock.writeLock().lock();
      try {
        building = false;
        if (next != null) {
          take(next, rows);
        }
      } finally {
        lock.writeLock().unlock();
      }
    }
    buildIfDue();
  }

  /** What came and went since the rows were counted stays as it is. */
  private void take(Built next, Map<Long, float[]> rows) {
    Set<Long> before = new HashSet<>(gone);
    Built last = built;
    built = next;
    gone.clear();
    for (long id : next.ids()) {
      float[] newer = waiting.get(id);
      boolean same = newer == rows.get(id);
      boolean still = last.places().containsKey(id) && !before.contains(id);
      if (same) {
        waiting.remove(id);
      } else if (newer != null || !still) {
        gone.add(id);
      }
    }
  }
}
