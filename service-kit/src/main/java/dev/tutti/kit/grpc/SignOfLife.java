package dev.tutti.kit.grpc;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * Gives a sign of life whenever nothing was said for {@value #SETTING}, so that clients and proxies
 * go on waiting. The sign is given by a thread of its own, which all share: it must not block.
 */
public final class SignOfLife implements AutoCloseable {

  /** Setting with the longest silence, above 0; default 15 s. */
  public static final String SETTING = "tutti.sign-of-life";

  private static final Duration DEFAULT = Duration.ofSeconds(15);
  private static final Logger LOG = Logger.getLogger(SignOfLife.class);
  private static final ScheduledThreadPoolExecutor CLOCK = Deadlines.clock("signs-of-life");

  // Not asked for at every call, which would cost 2 % of a relayed one.
  private static volatile Duration usual = setting();

  private final long every;
  private final Runnable sign;
  private volatile long last = System.nanoTime();
  private volatile boolean closed;
  private volatile ScheduledFuture<?> next;

  private SignOfLife(Duration every, Runnable sign) {
    this.every = every.toNanos();
    this.sign = sign;
  }

  private static Duration setting() {
    return ConfigProvider.getConfig().getOptionalValue(SETTING, Duration.class).orElse(DEFAULT);
  }

  /** Looks at the setting anew, for whoever begins to listen from now on: for tests. */
  public static void reread() {
    usual = setting();
  }

  /** Begins to listen. */
  public static SignOfLife start(Runnable sign) {
    var life = new SignOfLife(usual, sign);
    life.look(life.every);
    return life;
  }

  /** Something was said: the silence begins anew. */
  public void heard() {
    last = System.nanoTime();
  }

  /** Gives no further sign; one that is being given is not waited for. */
  @Override
  public void close() {
    closed = true;
    next.cancel(false);
  }

  private void look(long nanos) {
    next = CLOCK.schedule(this::tick, nanos, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    if (closed) {
      return;
    }
    long left = every - (System.nanoTime() - last);
    if (left <= 0) {
      heard();
      left = every;
      try {
        sign.run();
      } catch (RuntimeException e) {
        // Who cannot be told has left, and whoever works for it learns of that by itself.
        LOG.debugf(e, "A sign of life was not given");
      }
    }
    look(left);
  }
}
