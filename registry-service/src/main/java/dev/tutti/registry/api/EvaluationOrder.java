package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Which policy is to be evaluated on which decisions.
 *
 * @param ensemble whose decisions
 * @param policy exactly one of member, weights, uniform, shadow and fitted
 * @param from the first moment that counts; 30 days before {@code to} where there is none
 * @param to the first that does not any more; now where there is none
 * @param usdWeight quality that a US dollar is worth, 0 to 1e9
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Which policy is to be evaluated on which decisions.")
public record EvaluationOrder(
    @Schema(required = true, description = "Whose decisions.", examples = "specialists")
        String ensemble,
    @Schema(
            required = true,
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description =
                "Exactly one of `member` (a name), `weights` (by name), `uniform` (true), `shadow` (`artifact`, `version`)"
                    + " and `fitted` (`method`, `settings`, `version`).")
        ObjectNode policy,
    @Schema(
            examples = "2026-11-26T00:00:00Z",
            description = "The first moment that counts; 30 days before `to` where it is absent.")
        String from,
    @Schema(description = "The first moment that does not count; now where it is absent.")
        String to,
    @Schema(description = "Quality that a US dollar is worth; 0 where it is absent.")
        Double usdWeight) {}
