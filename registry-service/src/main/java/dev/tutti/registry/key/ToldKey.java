package dev.tutti.registry.key;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.tutti.registry.v1.ApiKey;
import dev.tutti.registry.v1.KeyBudget;
import dev.tutti.registry.v1.KeySecret;
import java.time.Instant;
import java.util.Optional;

/** Keys as the front door is told them. */
final class ToldKey {

  private ToldKey() {}

  /**
   * A key as it is told.
   *
   * @param sha256 what is kept of its text
   * @param previous the same of the text before its last rotation; null where there was none
   */
  static ApiKey of(StoredKey key, byte[] sha256, byte[] previous) {
    KeySettings its = key.settings();
    ApiKey.Builder told =
        ApiKey.newBuilder()
            .setId(key.id())
            .setTeam(its.team())
            .setName(its.name())
            .addSecrets(KeySecret.newBuilder().setSha256(ByteString.copyFrom(sha256)))
            .addAllScopes(its.scopes());
    if (previous != null) {
      told.addSecrets(
          KeySecret.newBuilder()
              .setSha256(ByteString.copyFrom(previous))
              .setUntil(time(key.previousUntil())));
    }
    Optional.ofNullable(its.models()).ifPresent(told::addAllModels);
    Optional.ofNullable(its.requestsPerMinute()).ifPresent(told::setRequestsPerMinute);
    Optional.ofNullable(its.tokensPerMinute()).ifPresent(told::setTokensPerMinute);
    budget(its.softUsdPerDay(), its.usdPerDay()).ifPresent(told::setDay);
    budget(its.softUsdPerMonth(), its.usdPerMonth()).ifPresent(told::setMonth);
    Optional.ofNullable(its.expiresAt()).ifPresent(t -> told.setExpires(time(t)));
    return told.build();
  }

  private static Optional<KeyBudget> budget(Double soft, Double hard) {
    if (soft == null && hard == null) {
      return Optional.empty();
    }
    KeyBudget.Builder budget = KeyBudget.newBuilder();
    Optional.ofNullable(soft).ifPresent(budget::setSoftUsd);
    Optional.ofNullable(hard).ifPresent(budget::setHardUsd);
    return Optional.of(budget.build());
  }

  private static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
