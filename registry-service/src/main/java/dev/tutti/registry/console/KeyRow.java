package dev.tutti.registry.console;

import dev.tutti.registry.RefusedException;
import dev.tutti.registry.admin.RouterAdmin;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.router.v1.KeySpend;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A key, as its page and tables show it.
 *
 * @param key it
 * @param spend what it has used this day and month; null where that is not known
 */
public record KeyRow(KeyItem key, KeySpend spend) {

  /** So many the router tells; beyond, nothing is known of who is not among them. */
  private static final int MOST = 1_000;

  /** Whether it opens. */
  public String state() {
    if (key.revokedAt() != null) {
      return "revoked";
    }
    return key.expiresAt() != null && key.expiresAt().isBefore(Instant.now())
        ? "expired"
        : "active";
  }

  /** Whether it can be changed. */
  public boolean isOpen() {
    return key.revokedAt() == null;
  }

  /** Whether nothing but its scopes limits it. */
  public boolean isUnlimited() {
    return key.requestsPerMinute() == null
        && key.tokensPerMinute() == null
        && key.usdPerDay() == null
        && key.softUsdPerDay() == null
        && key.usdPerMonth() == null
        && key.softUsdPerMonth() == null;
  }

  /** Makes rows, with what was spent where the router can be asked. */
  static Function<KeyItem, KeyRow> rows(RouterAdmin router) {
    List<KeySpend> told;
    try {
      told = router.keySpend();
    } catch (RefusedException e) {
      return key -> new KeyRow(key, null);
    }
    var spent = told.stream().collect(Collectors.toMap(KeySpend::getKey, Function.identity()));
    KeySpend nothing = told.size() < MOST ? KeySpend.getDefaultInstance() : null;
    return key -> new KeyRow(key, spent.getOrDefault(key.id(), nothing));
  }
}
