package dev.tutti.registry.api;

import dev.tutti.registry.v1.Lifecycle;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Where an entry is to go.
 *
 * @param lifecycle the next point of its life
 */
@Schema(
    description =
        "Where it is to go: draft to active, active to deprecated or retired, deprecated to active or retired.")
public record LifecycleStep(
    @Schema(
            required = true,
            type = SchemaType.STRING,
            enumeration = {"active", "deprecated", "retired"},
            description = "The next point of its life.")
        Lifecycle lifecycle) {}
