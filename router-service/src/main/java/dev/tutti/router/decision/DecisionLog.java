package dev.tutti.router.decision;

import dev.tutti.generation.v1.Decision;
import dev.tutti.kit.grpc.CancelledException;
import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.learning.database.DatabaseFailure;
import dev.tutti.router.access.Caller;
import dev.tutti.router.activity.Ending;
import dev.tutti.router.feedback.Decisions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Keeps decisions without slowing the requests that made them: a thread of its own appends them to
 * the database in batches, and the newest are answered from memory. While the database is away they
 * wait. None is dropped for want of room: when too many wait, requests wait too ({@link
 * #awaitRoom}), and are refused after a while ({@code tutti_router_decisions_backed_up_total}).
 * {@code tutti_router_decisions_dropped_total} counts those that the database refuses for good.
 */
@ApplicationScoped
public class DecisionLog implements Decisions {

  private static final Logger LOG = Logger.getLogger(DecisionLog.class);
  private static final int BATCH = 500;
  private static final int LONGEST_ID = 128;
  private static final long IDLE_MILLIS = 2_000;
  private static final long BUFFER_BYTES = 32L << 20;
  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final Duration LAST_WAIT = Duration.ofSeconds(5);
  private static final long WARN_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Duration LONGEST_ROOM_WAIT = Duration.ofSeconds(1);

  private final DecisionTable table;
  private final TeamDeletions deletions;
  private final boolean texts;
  private final Buffer recent;
  private final Buffer pending;
  private final Counter dropped;
  private final Counter backedUp;
  private final Counter written;
  private final Thread writer = Thread.ofVirtual().name("decision-writer").unstarted(this::write);
  private volatile State state = new State(false, Instant.now(), "not connected yet");
  private volatile boolean stopping;
  private long lastWarning = System.nanoTime() - WARN_NANOS;

  /**
   * How the database stands.
   *
   * @param connected whether decisions are written
   * @param since when it became so
   * @param error why they are not; empty where they are
   */
  public record State(boolean connected, Instant since, String error) {}

  DecisionLog(
      DecisionTable table,
      MeterRegistry meters,
      @ConfigProperty(name = "tutti.router.decisions.pending") int mostPending,
      @ConfigProperty(name = "tutti.router.decisions.recent") int mostRecent,
      @ConfigProperty(name = "tutti.router.decisions.texts") boolean texts) {
    this.table = table;
    this.deletions = new TeamDeletions(table);
    this.texts = texts;
    recent = new Buffer(mostRecent, BUFFER_BYTES);
    pending = new Buffer(mostPending, BUFFER_BYTES);
    dropped =
        Counter.builder("tutti.router.decisions.dropped")
            .description("Decisions that the database refuses for good")
            .register(meters);
    backedUp =
        Counter.builder("tutti.router.decisions.backed.up")
            .description("Requests that were refused while too many decisions waited")
            .register(meters);
    written =
        Counter.builder("tutti.router.decisions.written")
            .description("Decisions that are in the database")
            .register(meters);
    Gauge.builder("tutti.router.decisions.pending", pending, Buffer::size)
        .description("Decisions that wait for the database")
        .register(meters);
  }

  void start(@Observes StartupEvent event) {
    writer.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stopping = true;
    if (pending.size() == 0) {
      writer.interrupt();
    }
    if (!writer.join(LAST_WAIT)) {
      writer.interrupt();
    }
    if (pending.size() > 0) {
      LOG.errorf("%d decisions are lost: the database is away at the end", pending.size());
    }
  }

  /** Keeps a decision for which no query was embedded, and what its call cost. */
  public void keep(Decision decision, Spend spend, Ending ending) {
    keep(decision, spend, new float[0], Set.of(), ending);
  }

  /**
   * Keeps a decision and what its call cost; returns at once. One whose id is another's already
   * gets one of its own. What answers say is kept only where {@code tutti.router.decisions.texts}
   * says so.
   *
   * @param embedding of the query; empty where there is none. Not to be changed any more
   * @param failed members whose calls failed, where somebody learns from that: kept as feedback in
   *     the same transaction
   * @param ending by which the request is counted; null where nobody was asked
   */
  public void keep(
      Decision decision, Spend spend, float[] embedding, Set<String> failed, Ending ending) {
    Caller caller = Caller.current();
    Decision told = texts ? decision : AnswerTexts.without(decision);
    Decision whose =
        caller.key().isEmpty()
            ? told
            : told.toBuilder().setTeam(caller.team()).setKey(caller.keyId()).build();
    Kept kept = Kept.of(whose, spend, embedding, failed, ending);
    synchronized (recent) {
      boolean taken = recent.find(kept.id()).isPresent() || pending.find(kept.id()).isPresent();
      Kept its = taken ? kept.apart() : kept;
      recent.replace(its);
      pending.add(its);
    }
  }

  /**
   * Returns when one more decision can be kept; at once, unless too many wait for the database. A
   * request that will make one asks before it costs anything.
   *
   * @throws FailureException ({@link Failure.Unavailable}) when there is no room within a second
   */
  public void awaitRoom() {
    try {
      if (pending.awaitRoom(LONGEST_ROOM_WAIT.toMillis())) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
    backedUp.increment();
    warn();
    throw new Failure.Unavailable(
            "DECISIONS_BACKED_UP",
            "%d decisions wait for the database, as many as may: nothing is answered until it takes some, so that none is lost."
                .formatted(pending.size()))
        .exception();
  }

  /**
   * A decision that was kept, or one within it; empty too where it is not for who asks to see.
   *
   * @throws FailureException ({@link Failure.Unavailable}) when only the database could tell and it
   *     is away
   */
  @Override
  public Optional<Decided> find(String id) {
    return anybodys(id).filter(its -> Caller.current().sees(its.decision().getTeam()));
  }

  private Optional<Decided> anybodys(String id) {
    Optional<Decided> remembered = remembered(id);
    if (remembered.isPresent()) {
      return remembered;
    }
    if (id.length() > LONGEST_ID || id.chars().anyMatch(Character::isISOControl)) {
      return Optional.empty();
    }
    try {
      if (state.connected()) {
        return stored(id);
      }
    } catch (SQLException e) {
      LOG.debug("A decision could not be read", e);
    }
    throw new Failure.Unavailable(
            "DATABASE_UNREACHABLE",
            "Decision '%s' is not in memory, and the database is out of reach.".formatted(id))
        .exception();
  }

  private Optional<Decided> remembered(String id) {
    return recent
        .find(id)
        .map(kept -> new Decided(DecisionTable.read(kept.document()), kept.embedding()))
        .or(
            () ->
                Nested.place(id)
                    .flatMap(place -> remembered(place.outer()).flatMap(d -> within(d, place))));
  }

  private Optional<Decided> stored(String id) throws SQLException {
    Optional<Decided> whole = table.find(id);
    Optional<Nested.Place> place = Nested.place(id);
    return whole.isPresent() || place.isEmpty()
        ? whole
        : stored(place.get().outer()).flatMap(d -> within(d, place.get()));
  }

  /** It is of who asked for the whole. What its own query was embedded as, nobody kept. */
  private static Optional<Decided> within(Decided outer, Nested.Place place) {
    Decision whole = outer.decision();
    return Nested.within(whole, place.number())
        .map(its -> its.toBuilder().setTeam(whole.getTeam()).setKey(whole.getKey()).build())
        .map(decision -> new Decided(decision, new float[0]));
  }

  /**
   * Forgets what is in memory of a team's, once all of it that was kept so far is written.
   *
   * @param digest of the one user whose it is; null for all
   * @throws FailureException ({@link Failure.Unavailable}) where the database takes none now
   */
  void forget(String team, byte[] digest) {
    List<Kept> waiting = pending.all(its -> its.isOf(team, digest));
    long end = System.nanoTime() + LAST_WAIT.toNanos();
    while (waiting.stream().anyMatch(pending::holds)) {
      if (System.nanoTime() > end) {
        throw new Failure.Unavailable(
                "DATABASE_UNREACHABLE", "Decisions of the team wait for the database.")
            .exception();
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    recent.removeIf(its -> its.isOf(team, digest));
  }

  /** How many decisions wait for the database. */
  public int waiting() {
    return pending.size();
  }

  /** How the database stands. */
  public State state() {
    return state;
  }

  private void write() {
    Duration wait = FIRST_WAIT;
    while (!stopping || pending.size() > 0) {
      try {
        boolean idle = state.connected() && !stopping;
        List<Kept> batch = pending.oldest(BATCH, idle ? IDLE_MILLIS : 0);
        if (batch.isEmpty() || !state.connected()) {
          table.ping();
        }
        if (!batch.isEmpty()) {
          append(batch);
        }
        deletions.follow(recent);
        connected();
        wait = FIRST_WAIT;
      } catch (SQLException | RuntimeException | Error e) {
        // Errors too: the driver throws an AssertionError where a connection breaks within a batch.
        disconnected(e);
        try {
          Thread.sleep(wait);
        } catch (InterruptedException interrupted) {
          return;
        }
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void append(List<Kept> batch) throws SQLException {
    try {
      table.insert(batch);
      written.increment(batch.size());
    } catch (SQLException e) {
      DatabaseFailure failure = DatabaseFailure.of(e);
      if (!failure.refusesTheData()) {
        throw e;
      }
      if (batch.size() == 1) {
        dropped.increment();
        LOG.errorf("A decision is dropped, the database refuses it: %s", failure.message());
      } else {
        // One that can never be written must not hold up the others.
        for (Kept decision : batch) {
          append(List.of(decision));
        }
      }
    }
    pending.remove(batch);
  }

  private void connected() {
    if (!state.connected()) {
      LOG.info("Decisions are written");
      state = new State(true, Instant.now(), "");
    }
  }

  private void disconnected(Throwable e) {
    String why = DatabaseFailure.of(e).message();
    State before = state;
    if (before.connected()) {
      LOG.infof("%d decisions wait, the database takes none: %s", pending.size(), why);
    }
    state = new State(false, before.connected() ? Instant.now() : before.since(), why);
  }

  private synchronized void warn() {
    long now = System.nanoTime();
    if (now - lastWarning >= WARN_NANOS) {
      lastWarning = now;
      LOG.errorf(
          "%d decisions wait for the database (%s): requests are refused, %.0f so far",
          pending.size(), state.error(), backedUp.count());
    }
  }
}
