package dev.tutti.registry.webhook;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Who is told of budgets, without its secret. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Who is told of budgets, without its secret.")
public record Webhook(
    @Schema(description = "Its id.", examples = "hook-0f6a1b2c3d4e") String id,
    @JsonIgnore long number,
    @Schema(description = "Where it listens.", examples = "https://example.com/tutti") String url,
    @Schema(description = "When it was made.") Instant createdAt,
    @Schema(description = "When it took something last; absent where it never did.")
        Instant deliveredAt,
    @Schema(
            description =
                "Why it did not take what it was sent last; absent where it did, or nothing was sent.")
        String error,
    @Schema(description = "How much is still to be sent.") long waiting) {}
