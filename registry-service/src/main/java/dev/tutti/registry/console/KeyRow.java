package dev.tutti.registry.console;

import dev.tutti.registry.api.KeyItem;
import dev.tutti.router.v1.KeySpend;
import java.time.Instant;

/**
 * A key, as its page and tables show it.
 *
 * @param key it
 * @param spend what it has used this day and month; null where that is not known
 */
public record KeyRow(KeyItem key, KeySpend spend) {

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
}
