package dev.tutti.registry.store;

import dev.tutti.registry.Entry;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * One change, and who made it.
 *
 * @param number its place in the log; grows with each
 * @param revision of the registry after it
 * @param at when
 * @param user who: the user or key, or what the request said while nobody had to sign in
 * @param action what was asked for
 * @param kind model, ensemble, dataset, artifact, learner, budget, job, team, team_data, key,
 *     webhook or user
 * @param name of the entry, dataset, artifact, team or user, of the ensemble of a learner or
 *     budget, id of the job or key
 * @param service that was asked to do it; null for what the registry does itself
 * @param versionBefore version before; null where there was none, and for what has no versions
 * @param versionAfter version after; null where none is left
 * @param before the entry before; null where there was none
 * @param after the entry after; null where none is left
 * @param traceId of the request
 */
@Schema(description = "One change, and who made it.")
public record AuditEntry(
    @Schema(description = "Its place in the log; grows with each.") long number,
    @Schema(
            description =
                "Revision of the registry after the change; what other services do does not change it.")
        long revision,
    @Schema(description = "When.") Instant at,
    @Schema(
            description =
                "Who: the user or key; what the header X-Tutti-User said while nobody had to sign in.")
        String user,
    @Schema(
            enumeration = {
              "create",
              "replace",
              "roll_back",
              "lifecycle",
              "delete",
              "import",
              "fit",
              "evaluate",
              "activate",
              "shadow",
              "unshadow",
              "rebuild",
              "reset",
              "cancel",
              "rotate",
              "revoke",
              "sign_in",
              "password"
            },
            description = "What was asked for.")
        String action,
    @Schema(
            enumeration = {
              "model",
              "ensemble",
              "dataset",
              "artifact",
              "learner",
              "budget",
              "job",
              "cache",
              "solution",
              "team",
              "team_data",
              "webhook",
              "key",
              "user"
            },
            description = "Of what kind it is.")
        String kind,
    @Schema(
            description =
                "Own name of the model, ensemble, dataset, artifact, team or user, of the ensemble of a learner, a budget, a cache or solutions; id of the job or key.")
        String name,
    @Schema(
            description =
                "Service that was asked to do it, e.g. router-service; null for what the registry does itself.")
        String service,
    @Schema(
            description =
                "Version before; null where there was none, and for what has no versions here.")
        Long versionBefore,
    @Schema(description = "Version after; null where none is left.") Long versionAfter,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description = "The model or ensemble before; null where there was none.")
        Entry before,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description = "The model or ensemble after; null where none is left.")
        Entry after,
    @Schema(description = "Trace of the request, 32 hexadecimal digits.") String traceId) {}
