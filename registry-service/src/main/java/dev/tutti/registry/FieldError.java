package dev.tutti.registry;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * One thing that is wrong.
 *
 * @param field path of the field, e.g. {@code members[1]} or {@code settings.threshold}
 * @param detail what is wrong and what is allowed, for people
 */
@Schema(description = "One thing that is wrong.")
public record FieldError(
    @Schema(
            description = "Path of the field, or name of the parameter or header.",
            examples = "members[1]")
        String field,
    @Schema(description = "What is wrong and what is allowed.") String detail) {}
