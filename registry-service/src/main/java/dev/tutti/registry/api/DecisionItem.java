package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.router.v1.DecisionBrief;
import dev.tutti.router.v1.DecisionFailure;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A decision in brief; see decision.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "DecisionBrief", description = "A decision in brief.")
public record DecisionItem(
    @Schema(description = "Its id; /api/v1/decisions/{id} is all of it.") String id,
    @Schema(description = "When it was decided.") Instant time,
    @Schema(description = "The ensemble, or the model that was asked by itself.") String ensemble,
    @Schema(description = "Its version that answered; 0 for a recipe that was sent along.")
        long ensembleVersion,
    @Schema(description = "Its method; empty for a model.") String method,
    @Schema(description = "Who was called.") List<String> members,
    @Schema(description = "The team that asked; none without a key.") String team,
    @Schema(description = "Id of the key that asked; absent without one.") String key,
    @Schema(description = "Tokens read, over all members.") long promptTokens,
    @Schema(description = "Tokens written, over all members.") long completionTokens,
    @Schema(description = "US dollars that the request cost: a decimal number as text, exact.")
        String costUsd,
    @Schema(description = "Whether tokens were estimated.") boolean estimated,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"request", "member"},
            description =
                "request: it got no whole answer; member: it got one, though a call of a member failed; absent where"
                    + " neither is so.")
        DecisionFailure failed) {

  static DecisionItem of(DecisionBrief its) {
    return new DecisionItem(
        its.getId(),
        JobItem.time(its.getTime()),
        its.getEnsemble(),
        its.getEnsembleVersion(),
        its.getMethod(),
        its.getMembersList(),
        its.getTeam(),
        its.getKey().isEmpty() ? null : its.getKey(),
        its.getPromptTokens(),
        its.getCompletionTokens(),
        its.getCostUsd(),
        its.getEstimated(),
        its.getFailed() == DecisionFailure.DECISION_FAILURE_UNSPECIFIED ? null : its.getFailed());
  }
}
