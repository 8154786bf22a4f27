package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.key.KeySettings;
import dev.tutti.registry.key.StoredKey;
import dev.tutti.registry.v1.KeyScope;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A key as it is told, without what opens; see {@link KeySettings}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Key", description = "A key as it is told, without what opens.")
public record KeyItem(
    @Schema(description = "Its id.", examples = "key-0f6a1b2c3d4e") String id,
    @Schema(description = "How its text begins.", examples = "tk-3fQzA9xK") String prefix,
    @Schema(description = "Its team.") String team,
    @Schema(description = "What people call it.") String name,
    @Schema(description = "What it may be used for.") List<KeyScope> scopes,
    @Schema(description = "What it may ask; all where it is absent.") List<String> models,
    @Schema(description = "Requests in a minute; any where it is absent.") Long requestsPerMinute,
    @Schema(description = "Tokens in a minute; any where it is absent.") Long tokensPerMinute,
    @Schema(description = "US dollars a day; any where it is absent.") Double usdPerDay,
    @Schema(description = "US dollars a day before a warning.") Double softUsdPerDay,
    @Schema(description = "US dollars a month; any where it is absent.") Double usdPerMonth,
    @Schema(description = "US dollars a month before a warning.") Double softUsdPerMonth,
    @Schema(description = "When it ends; never where it is absent.") Instant expiresAt,
    @Schema(description = "How the text before the last rotation begins; absent without one.")
        String previousPrefix,
    @Schema(description = "Until when that one opens too; absent without one.")
        Instant previousUntil,
    @Schema(description = "Whether it came with the installation, in a file.") boolean installed,
    @Schema(description = "When it was made.") Instant createdAt,
    @Schema(description = "When it was last used, to the minute or so; absent where it never was.")
        Instant lastUsedAt,
    @Schema(description = "Since when it opens nothing; absent while it does.") Instant revokedAt) {

  /** A key as it is told. */
  public static KeyItem of(StoredKey key) {
    KeySettings its = key.settings();
    return new KeyItem(
        key.id(),
        key.prefix(),
        its.team(),
        its.name(),
        its.scopes(),
        its.models(),
        its.requestsPerMinute(),
        its.tokensPerMinute(),
        its.usdPerDay(),
        its.softUsdPerDay(),
        its.usdPerMonth(),
        its.softUsdPerMonth(),
        its.expiresAt(),
        key.previousPrefix(),
        key.previousUntil(),
        key.installed(),
        key.createdAt(),
        key.lastUsedAt(),
        key.revokedAt());
  }
}
