package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * What a fit is to learn; what is left out takes the service's default, which the job tells.
 *
 * @param artifact name of the artifact that gets a new version
 * @param method that is fitted
 * @param dataset that is learned from
 * @param split of the dataset
 * @param members to learn about; all of the dataset where there are none
 * @param holdout share of the queries that is measured on, 0.01 to 0.9
 * @param qualityDrop mean quality that calibrated thresholds may give up, &gt;= 0
 * @param settings of the method's fit
 * @param seed of all chance; a whole number from 0 to 2^53
 * @param budgetUsd US dollars that a fit which asks members may spend, &gt;= 0; above 0 only where
 *     the method's fits ask any
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "What a fit is to learn; what is left out takes the service's default.")
public record FitOrder(
    @Schema(
            required = true,
            maxLength = 128,
            description = "Name of the artifact that gets a new version.",
            examples = "tasks-knn")
        String artifact,
    @Schema(
            required = true,
            description = "The method; one with `fit` of those that /api/v1/methods tells.",
            examples = "knn")
        String method,
    @Schema(required = true, description = "Name of the dataset.", examples = "tasks")
        String dataset,
    @Schema(description = "Split of the dataset; train where it is absent.") String split,
    @Schema(description = "Members to learn about; all of the dataset where it is absent.")
        List<String> members,
    @Schema(
            description =
                "Share of the queries that is not learned from, but measured on: 0.01 to 0.9; 0.2 where it is absent.")
        Double holdout,
    @Schema(
            description =
                "Mean quality that calibrated thresholds may give up against the best member, to save cost; at least 0.")
        Double qualityDrop,
    @Schema(
            type = SchemaType.OBJECT,
            implementation = Object.class,
            description = "Settings of the method's fit, by name.")
        ObjectNode settings,
    @Schema(
            minimum = "0",
            maximum = "9007199254740992",
            description = "Of all chance, which queries are held out too.")
        Long seed,
    @Schema(
            description =
                "US dollars that a fit which asks members live may spend; refused where fits of the method ask nobody; those of der do, and refuse a quality of score, a dataset with costs in another unit or, unless a judge grades, a query without a reference, a member or judge that the registry does not have, and less than an answer costs.")
        Double budgetUsd) {}
