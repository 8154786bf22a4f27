package dev.tutti.registry.console;

import dev.tutti.registry.admin.RouterAdmin;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.router.v1.KeySpend;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What keys have spent, for pages that do not wait for it: where the router takes longer, since it
 * sums up a month of many requests, they show what it said before.
 */
@ApplicationScoped
class KeySpends {

  private static final Duration PATIENCE = Duration.ofMillis(150);

  /** So many the router tells; beyond, nothing is known of who is not among them. */
  private static final int MOST = 1_000;

  private final RouterAdmin router;
  private volatile List<KeySpend> last;
  private FutureTask<List<KeySpend>> asking;

  KeySpends(RouterAdmin router) {
    this.router = router;
  }

  /** Makes rows of keys. */
  Function<KeyItem, KeyRow> rows() {
    List<KeySpend> told = told();
    if (told == null) {
      return key -> new KeyRow(key, null);
    }
    var spent = told.stream().collect(Collectors.toMap(KeySpend::getKey, Function.identity()));
    KeySpend nothing = told.size() < MOST ? KeySpend.getDefaultInstance() : null;
    return key -> new KeyRow(key, spent.getOrDefault(key.id(), nothing));
  }

  private List<KeySpend> told() {
    try {
      return ask().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return last;
    } catch (ExecutionException e) {
      // The router cannot be asked.
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return last;
    }
  }

  /** Asks once at a time, whoever wants to know. */
  private synchronized FutureTask<List<KeySpend>> ask() {
    if (asking == null || asking.isDone()) {
      asking =
          new FutureTask<>(
              () -> {
                last = router.keySpend();
                return last;
              });
      Thread.ofVirtual().name("key-spend").start(asking);
    }
    return asking;
  }
}
