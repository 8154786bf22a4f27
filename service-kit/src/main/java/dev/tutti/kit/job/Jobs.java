package dev.tutti.kit.job;

import dev.tutti.job.v1.Job;
import dev.tutti.job.v1.JobState;
import dev.tutti.job.v1.ListRequest;
import dev.tutti.job.v1.ListResponse;
import dev.tutti.job.v1.StartRequest;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.EventSink;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import io.grpc.Context;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * The jobs of one service: what its gRPC and REST offer. They are kept in the table {@code job} of
 * the service's schema, whose definition is the migration {@code R__job.sql}. A {@link JobRunner}
 * runs them. All methods block; without the database they throw {@link Failure.Unavailable}.
 * Thread-safe.
 */
public final class Jobs {

  private static final int MOST_WAITING = 1_000;
  private static final int LARGEST_PAGE = 200;
  private static final int DEFAULT_PAGE = 50;
  private static final Duration WATCH_POLL = Duration.ofMillis(500);

  private final DataSource database;
  private final String schema;
  private final JobTable table;
  private final Map<String, JobHandler> handlers = new TreeMap<>();
  private final Semaphore started = new Semaphore(0);

  /**
   * The jobs of a service.
   *
   * @param schema in which the table is
   * @param handlers one a kind
   */
  public Jobs(DataSource database, String schema, List<JobHandler> handlers) {
    this.database = database;
    this.schema = schema;
    this.table = new JobTable(database, schema);
    for (JobHandler handler : handlers) {
      if (this.handlers.put(handler.kind(), handler) != null) {
        throw new IllegalArgumentException("Two handlers of kind " + handler.kind());
      }
    }
  }

  /**
   * A job that is wanted.
   *
   * @param before whether it had been started before, with the same key
   */
  public record Started(Job job, boolean before) {}

  /**
   * Puts a job in the queue, or finds the one that was started with the same key.
   *
   * @throws FailureException what {@code JobService.Start} says
   */
  public Job start(StartRequest request) {
    return begin(request).job();
  }

  /**
   * As {@link #start}; tells whether the job is a new one. Of one that was started before, nothing
   * is checked again: it may be over by now, and what it read gone.
   *
   * @throws CancelledException when the caller left while it was checked
   */
  public Started begin(StartRequest request) {
    requireKind(request.getKind());
    StartRules.check(request);
    Optional<Job> first = reached(() -> startedAs(request));
    if (first.isPresent()) {
      return new Started(first.get(), true);
    }
    JobHandler handler = handlers.get(request.getKind());
    handler.check(request.getParameters());
    if (Context.current().isCancelled()) {
      // Nobody is there any more to hear of it.
      throw new CancelledException();
    }
    return reached(
        () -> {
          if (table.waiting() >= MOST_WAITING) {
            throw new Failure.ResourceExhausted(
                    "QUEUE_FULL",
                    "%d jobs wait already, and no more are taken.".formatted(MOST_WAITING),
                    Duration.ofSeconds(30))
                .exception();
          }
          Optional<JobRow> inserted =
              table.insert(
                  new JobTable.Start(
                      UUID.randomUUID().toString(),
                      request.getKind(),
                      request.getKey(),
                      request.getAuthor().isEmpty() ? "anonymous" : request.getAuthor(),
                      request.getParameters(),
                      handler.unit()));
          wake();
          return inserted.isPresent()
              ? new Started(inserted.get().job(), false)
              // Somebody was faster with the same key.
              : new Started(startedAs(request).orElseThrow(), true);
        });
  }

  /**
   * Refuses a job that {@link #begin} would refuse, but for too many that wait, and starts nothing.
   */
  public void check(StartRequest request) {
    requireKind(request.getKind());
    StartRules.check(request);
    handlers.get(request.getKind()).check(request.getParameters());
  }

  /** Begins a pass over jobs that ended long ago: neither they nor their keys are known then. */
  public Retention.Sweep old() {
    return table::deleteOld;
  }

  /**
   * One job as it is now.
   *
   * @throws FailureException {@link Failure.NotFound}
   */
  public Job get(String id) {
    return reached(() -> find(id));
  }

  /**
   * Jobs, newest first.
   *
   * @throws FailureException {@link Failure.InvalidArgument} for a page size, token, kind or state
   *     that is none
   */
  public ListResponse list(ListRequest request) {
    int size = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
    if (size < 1 || size > LARGEST_PAGE) {
      throw Failure.invalid(
          "page_size", "page_size is %d; 1 to %d are allowed.".formatted(size, LARGEST_PAGE));
    }
    if (!request.getKind().isEmpty()) {
      requireKind(request.getKind());
    }
    if (request.getState() == JobState.UNRECOGNIZED) {
      throw Failure.invalid("state", "state is none of JobState.");
    }
    long below = below(request.getPageToken());
    List<JobRow> rows =
        reached(() -> table.list(request.getKind(), request.getState(), below, size + 1));
    ListResponse.Builder response = ListResponse.newBuilder();
    rows.stream()
        .limit(size)
        .forEach(row -> response.addJobs(row.job()).addTokensAfter(Long.toString(row.number())));
    if (rows.size() > size) {
      response.setNextPageToken(response.getTokensAfter(size - 1));
    }
    return response.build();
  }

  /**
   * Asks a job to stop; nothing happens to one that has ended.
   *
   * @return the job as it is now
   * @throws FailureException {@link Failure.NotFound}
   */
  public Job cancel(String id) {
    return reached(
        () -> {
          table.cancel(id);
          wake();
          return find(id);
        });
  }

  /**
   * Tells a job now and whenever it has changed, until it has ended.
   *
   * @throws FailureException {@link Failure.NotFound}
   * @throws CancelledException once the reader has left
   */
  public void watch(String id, EventSink<Job> sink) {
    Job last = get(id);
    sink.emit(last);
    while (!hasEnded(last)) {
      try {
        Thread.sleep(WATCH_POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      }
      Job job = get(id);
      if (!job.equals(last)) {
        sink.emit(job);
        last = job;
      }
    }
  }

  /** Whether a job is over. */
  public static boolean hasEnded(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_QUEUED, JOB_STATE_RUNNING, JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  DataSource database() {
    return database;
  }

  String schema() {
    return schema;
  }

  Set<String> kinds() {
    return handlers.keySet();
  }

  JobHandler handler(String kind) {
    return handlers.get(kind);
  }

  long waiting() throws SQLException {
    return table.waiting();
  }

  /** Lets the runner look at once. */
  void wake() {
    started.release();
  }

  /** Waits for a start, at most so long. */
  void awaitStart(Duration longest) throws InterruptedException {
    if (started.tryAcquire(longest.toMillis(), TimeUnit.MILLISECONDS)) {
      started.drainPermits();
    }
  }

  private void requireKind(String kind) {
    if (!handlers.containsKey(kind)) {
      throw Failure.invalid(
          "kind",
          "There are no jobs of kind '%s'; there are: %s."
              .formatted(shown(kind), String.join(", ", handlers.keySet())));
    }
  }

  private Job find(String id) throws SQLException {
    // The database would not even take every character.
    Optional<JobRow> row = id.indexOf('\0') < 0 ? table.find(id) : Optional.empty();
    return row.orElseThrow(
            () ->
                new Failure.NotFound(
                        "id", "JOB_NOT_FOUND", "There is no job '%s'.".formatted(shown(id)))
                    .exception())
        .job();
  }

  /** The job that was started with the key of a request; empty where none was. */
  private Optional<Job> startedAs(StartRequest request) throws SQLException {
    return request.getKey().isEmpty()
        ? Optional.empty()
        : table.findByKey(request.getKind(), request.getKey()).map(row -> same(request, row.job()));
  }

  private static Job same(StartRequest request, Job first) {
    if (!first.getParameters().equals(request.getParameters())) {
      throw new Failure.FailedPrecondition(
              "key",
              "JOB_KEY_TAKEN",
              "Job %s was started with key '%s' and other parameters."
                  .formatted(first.getId(), request.getKey()))
          .exception();
    }
    return first;
  }

  private static long below(String token) {
    if (token.isEmpty()) {
      return Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(token);
    } catch (NumberFormatException e) {
      throw Failure.invalid(
          "page_token", "page_token is not one that List gave; leave it out to start over.");
    }
  }

  private static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  private interface Query<T> {
    T run() throws SQLException;
  }

  private static <T> T reached(Query<T> query) {
    try {
      return query.run();
    } catch (SQLException e) {
      if (DatabaseLoss.causes(e)) {
        throw new FailureException(
            new Failure.Unavailable(
                "DATABASE_UNREACHABLE", "The service's database cannot be reached. Try again."),
            e);
      }
      throw new IllegalStateException("The table of jobs cannot be used", e);
    }
  }
}
