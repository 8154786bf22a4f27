package dev.tutti.cascade.cache;

import com.google.protobuf.ByteString;
import dev.tutti.cascade.cache.CacheNews.News;
import dev.tutti.cascade.cache.CacheNews.Seen;
import dev.tutti.kit.grpc.FailureException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.OptionalInt;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Takes over what the database has, of this replica before and of others now: looks once a second,
 * and forgets what is kept no longer.
 */
final class CacheFollower implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(CacheFollower.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration EXPIRE = Duration.ofMinutes(1);

  private final AnswerMemory memory;
  private final CacheNews news;
  private final CacheTable table;
  private final CacheWriter writer;
  private final Thread thread = Thread.ofVirtual().name("answer-cache").unstarted(this::follow);
  private volatile boolean stopping;
  private Seen seen = Seen.NOTHING;
  private Instant expired = Instant.EPOCH;
  private boolean connected = true;

  CacheFollower(AnswerMemory memory, CacheNews news, CacheTable table, CacheWriter writer) {
    this.memory = memory;
    this.news = news;
    this.table = table;
    this.writer = writer;
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
  }

  private void follow() {
    while (!stopping) {
      try {
        look();
        tell(true, "");
      } catch (RuntimeException | Error e) {
        tell(false, e.toString());
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /**
   * Takes over what is new, forgets what is old, and makes indexes anew that need it.
   *
   * @throws FailureException where the database is away; memory is in order all the same
   */
  void look() {
    try {
      // Not while something is purged: it would come back.
      writer.now(
          () -> {
            News found = news.since(seen);
            take(found);
            seen = found.seen();
            if (isTimeToExpire()) {
              table.expire();
            }
            return null;
          });
    } finally {
      memory.expire(Instant.now());
    }
  }

  private void take(News found) {
    if (found.anew()) {
      memory.purges().begin(found.purges());
    } else {
      found.purges().forEach(memory.purges()::note);
    }
    var gone = new ArrayList<CacheEntry>();
    for (CacheEntry entry : found.entries()) {
      boolean fresh =
          memory
              .find(entry.key())
              .map(known -> known.made().time().isBefore(entry.made().time()))
              .orElse(true);
      if (fresh) {
        gone.addAll(memory.put(entry, OptionalInt.empty()));
      }
    }
    writer.delete(gone);
    found
        .observations()
        .forEach(
            its ->
                memory
                    .find(its.entry())
                    .ifPresent(entry -> memory.observe(entry, its.observation())));
    found.kept().ifPresent(this::retain);
  }

  private void retain(Set<ByteString> kept) {
    memory.removeIf(entry -> !kept.contains(entry.key().exact()));
  }

  private boolean isTimeToExpire() {
    Instant now = Instant.now();
    boolean due = Duration.between(expired, now).compareTo(EXPIRE) >= 0;
    if (due) {
      expired = now;
    }
    return due;
  }

  private void tell(boolean now, String why) {
    if (now != connected) {
      connected = now;
      if (now) {
        LOG.infof("Kept answers connected, %d in memory", memory.size());
      } else {
        LOG.infof("Kept answers lost the database, those in memory stay: %s", why);
      }
    }
  }
}
