package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.learning.v1.GetShadowReportResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a version in shadow would have done differently; see learning.proto. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(
    name = "ShadowReport",
    description = "What a version in shadow would have done differently.")
public record ShadowItem(
    @Schema(description = "The artifact.") String artifact,
    @Schema(description = "The version that is, or was, in shadow.") int version,
    @Schema(description = "Decisions that both made.") long decisions,
    @Schema(description = "Whether there are more, older ones.") boolean truncated,
    @Schema(description = "Share of them in which both chose the same; absent where there is none.")
        Double agreement,
    @Schema(description = "How often the active version chose each member.")
        Map<String, Long> activeChoices,
    @Schema(description = "How often the version in shadow did.") Map<String, Long> shadowChoices,
    @Schema(description = "Where they differ, the most frequent first; 100 at most.")
        List<Disagreement> disagreements,
    @Schema(
            description =
                "Expected cost of what it chose less that of what answered, US dollars a decision; absent where there is"
                    + " none.")
        Double expectedUsdDifference,
    @Schema(
            description =
                "The same of the expected quality, by the estimates of the active version; absent where there is none.")
        Double qualityDifferenceByActive,
    @Schema(description = "The same by its own estimates; absent where there is none.")
        Double qualityDifferenceByShadow) {

  /** Two members that were chosen for the same queries. */
  @Schema(description = "Two members that were chosen for the same queries.")
  public record Disagreement(
      @Schema(description = "Whom the active version chose.") String active,
      @Schema(description = "Whom the version in shadow would have chosen.") String shadow,
      @Schema(description = "How often.") long decisions) {}

  static ShadowItem of(GetShadowReportResponse report) {
    return new ShadowItem(
        report.getName(),
        report.getVersion(),
        report.getDecisions(),
        report.getTruncated(),
        report.hasAgreement() ? report.getAgreement() : null,
        new TreeMap<>(report.getActiveChoicesMap()),
        new TreeMap<>(report.getShadowChoicesMap()),
        report.getDisagreementsList().stream()
            .map(d -> new Disagreement(d.getActive(), d.getShadow(), d.getDecisions()))
            .toList(),
        report.hasExpectedUsdDifference() ? report.getExpectedUsdDifference() : null,
        report.hasQualityDifferenceByActive() ? report.getQualityDifferenceByActive() : null,
        report.hasQualityDifferenceByShadow() ? report.getQualityDifferenceByShadow() : null);
  }
}
