package dev.tutti.registry.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.v1.KeyScope;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a key is for and how much of it; null is "not limited" wherever it is not said otherwise.
 *
 * @param team that it speaks for; required, and never another
 * @param name for people; required
 * @param scopes what it may be used for; required, at least one
 * @param models own names of the models and ensembles that it may ask
 * @param requestsPerMinute requests in a minute of the clock, at least 1
 * @param tokensPerMinute tokens, read and written, in a minute of the clock, at least 1
 * @param usdPerDay US dollars a day of UTC, from which on requests are refused
 * @param softUsdPerDay US dollars a day, from which on answers carry a warning
 * @param usdPerMonth US dollars a month of UTC, from which on requests are refused
 * @param softUsdPerMonth US dollars a month, from which on answers carry a warning
 * @param expiresAt when it ends; null: it does not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "What a key is for, and how much of it.")
public record KeySettings(
    @Schema(
            required = true,
            examples = "search",
            description = "Team that it speaks for; cannot be changed.")
        String team,
    @Schema(required = true, minLength = 1, maxLength = 128, description = "For people.")
        String name,
    @Schema(
            required = true,
            description =
                "What it may be used for: use (asking; reading its team's decisions and spend), feedback (giving and reading it), admin"
                    + " (the admin REST, and reading what all teams have).")
        List<KeyScope> scopes,
    @Schema(
            description =
                "Models and ensembles that it may ask, at most 256; all where it is absent.")
        List<String> models,
    @Schema(minimum = "1", description = "Requests in a minute of the clock.")
        Long requestsPerMinute,
    @Schema(minimum = "1", description = "Tokens, read and written, in a minute of the clock.")
        Long tokensPerMinute,
    @Schema(description = "US dollars a day of UTC; beyond it requests are refused.")
        Double usdPerDay,
    @Schema(description = "US dollars a day of UTC; beyond it answers carry a warning.")
        Double softUsdPerDay,
    @Schema(description = "US dollars a month of UTC; beyond it requests are refused.")
        Double usdPerMonth,
    @Schema(description = "US dollars a month of UTC; beyond it answers carry a warning.")
        Double softUsdPerMonth,
    @Schema(description = "When it ends; never where it is absent.") Instant expiresAt) {}
