package dev.tutti.registry.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A version of an artifact.
 *
 * @param version from 1 on
 */
@Schema(description = "A version of an artifact.")
public record VersionChoice(
    @Schema(required = true, minimum = "1", description = "Its number.") Integer version) {}
