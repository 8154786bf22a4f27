package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.ComparedPair;
import dev.tutti.learning.v1.ComparedVersion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Versions side by side; see learning.proto for what each field says. */
@Schema(name = "Comparison", description = "Versions side by side.")
public record ComparisonItem(
    @Schema(description = "In the order of the request.") List<Compared> versions,
    @Schema(description = "Each of the others against the first.") List<Pair> pairs) {

  /** A version in a comparison. */
  @Schema(name = "ComparedVersion", description = "A version in a comparison.")
  public record Compared(
      @Schema(description = "The version.") ArtifactItem.Version version,
      @Schema(
              description =
                  "How often it chose each member on what it held out; empty where it chooses none.")
          Map<String, Double> memberShares,
      @Schema(description = "Its mean quality by set of the dataset.") List<SetResult> sets,
      @Schema(
              description =
                  "What it reaches at what cost, the cheapest first; empty where nobody knows.")
          List<CostPoint> curve) {

    private static Compared of(ComparedVersion compared) {
      return new Compared(
          ArtifactItem.Version.of(compared.getVersion()),
          new TreeMap<>(compared.getMemberSharesMap()),
          compared.getSetsList().stream()
              .map(set -> new SetResult(set.getSet(), set.getQueries(), set.getQuality()))
              .toList(),
          compared.getCurveList().stream()
              .map(point -> new CostPoint(point.getUsd(), point.getQuality()))
              .toList());
    }
  }

  /** How a version does on one set. */
  @Schema(description = "How a version does on one set.")
  public record SetResult(
      @Schema(description = "Name of the set; may be empty.") String set,
      @Schema(description = "Held-out queries of it.") long queries,
      @Schema(description = "Mean quality, in the unit of the outcomes.") double quality) {}

  /** A point of a cost-quality curve. */
  @Schema(description = "A point of a cost-quality curve.")
  public record CostPoint(
      @Schema(description = "Mean cost of a query, US dollars.") double usd,
      @Schema(description = "Mean quality at that cost.") double quality) {}

  /** Two versions, query by query. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ComparedPair", description = "Two versions, query by query.")
  public record Pair(
      @Schema(description = "Artifact of the one.") String name,
      @Schema(description = "Version of the one.") int version,
      @Schema(description = "Artifact of what it is held against.") String baseName,
      @Schema(description = "Version of what it is held against.") int baseVersion,
      @Schema(description = "Whether they can be compared.") boolean comparable,
      @Schema(description = "Why not; absent where they can.") String reason,
      @Schema(description = "Queries that both held out; absent where they cannot.") Long queries,
      @Schema(description = "Mean quality of the one less that of the other.")
          Double qualityDifference,
      @Schema(description = "Lower end of its confidence interval.") Double low,
      @Schema(description = "Upper end.") Double high,
      @Schema(description = "Of that interval, e.g. 0.95.") Double confidence) {

    private static Pair of(ComparedPair pair) {
      boolean comparable = pair.getReason().isEmpty();
      return new Pair(
          pair.getVersion().getName(),
          pair.getVersion().getVersion(),
          pair.getBase().getName(),
          pair.getBase().getVersion(),
          comparable,
          comparable ? null : pair.getReason(),
          comparable ? pair.getQueries() : null,
          comparable ? pair.getQualityDifference() : null,
          comparable ? pair.getLow() : null,
          comparable ? pair.getHigh() : null,
          comparable ? pair.getConfidence() : null);
    }
  }

  static ComparisonItem of(CompareVersionsResponse response) {
    return new ComparisonItem(
        response.getVersionsList().stream().map(Compared::of).toList(),
        response.getPairsList().stream().map(Pair::of).toList());
  }
}
