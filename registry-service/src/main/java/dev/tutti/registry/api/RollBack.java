package dev.tutti.registry.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Where an entry is to go back to.
 *
 * @param version an earlier one
 */
@Schema(description = "Which version's content it is to have again.")
public record RollBack(
    @Schema(required = true, minimum = "1", description = "An earlier version.") Long version) {}
