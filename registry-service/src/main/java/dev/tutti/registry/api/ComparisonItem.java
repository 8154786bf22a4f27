package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.learning.v1.CompareVersionsResponse;
import dev.tutti.learning.v1.ComparedPair;
import dev.tutti.learning.v1.ComparedVersion;
import dev.tutti.learning.v1.OraclePoint;
import dev.tutti.numerics.measure.PairedDifference;
import dev.tutti.registry.admin.ComparisonAdmin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Versions side by side; see learning.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Comparison", description = "Versions side by side.")
public record ComparisonItem(
    @Schema(description = "In the order of the request.") List<Compared> versions,
    @Schema(description = "Each of the others against the first.") List<Pair> pairs,
    @Schema(
            description =
                "Queries that all of these versions held out; absent in comparisons within one service.")
        Integer sharedQueries) {

  /** A version in a comparison. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ComparedVersion", description = "A version in a comparison.")
  public record Compared(
      @Schema(description = "The service that keeps it.", examples = "router-service")
          String service,
      @Schema(description = "The version.") ArtifactItem.Version version,
      @Schema(
              description =
                  "How often it chose each member on what it held out; empty where it chooses none.")
          Map<String, Double> memberShares,
      @Schema(description = "Its mean quality by set of the dataset.") List<SetResult> sets,
      @Schema(
              description =
                  "What it reaches at what cost, the cheapest first; empty where nobody knows.")
          List<CostPoint> curve,
      @Schema(
              description =
                  "What each member alone is worth on those of the held-out queries that all of them answered; empty where"
                      + " there is none, and of versions that a build of before fitted.")
          List<MemberPoint> members,
      @Schema(
              description =
                  "The best answer of each of these queries, the cheapest of those that are as good; absent where `members` is"
                      + " empty.")
          Oracle oracle,
      @Schema(
              description =
                  "What costs are in, as the dataset has it; absent where that was not noted.",
              examples = "usd_per_call")
          String costUnit,
      @Schema(
              description =
                  "Different queries that it held out; absent in comparisons within one service.")
          Integer heldOut,
      @Schema(
              description =
                  "Its mean quality on the queries that all of these versions held out; absent where there is none, and in"
                      + " comparisons within one service.")
          Double sharedQuality) {

    private static Compared of(
        String service, ComparedVersion compared, Integer heldOut, Double sharedQuality) {
      return new Compared(
          service,
          ArtifactItem.Version.of(compared.getVersion()),
          new TreeMap<>(compared.getMemberSharesMap()),
          compared.getSetsList().stream()
              .map(set -> new SetResult(set.getSet(), set.getQueries(), set.getQuality()))
              .toList(),
          compared.getCurveList().stream()
              .map(point -> new CostPoint(point.getUsd(), point.getQuality()))
              .toList(),
          compared.getMembersList().stream().map(MemberPoint::of).toList(),
          compared.hasOracle() ? Oracle.of(compared.getOracle()) : null,
          compared.getCostUnit().isEmpty() ? null : compared.getCostUnit(),
          heldOut,
          sharedQuality);
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

  /** One member alone. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "One member alone.")
  public record MemberPoint(
      @Schema(description = "As datasets know it.") String member,
      @Schema(description = "Mean cost of a query; absent where a cost was not recorded.")
          Double usd,
      @Schema(description = "Mean quality.") double quality) {

    private static MemberPoint of(dev.tutti.learning.v1.MemberPoint point) {
      return new MemberPoint(
          point.getMember(), point.hasUsd() ? point.getUsd() : null, point.getQuality());
    }
  }

  /** Who knows the best answer of each query before it asks. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Who knows the best answer of each query before it asks.")
  public record Oracle(
      @Schema(description = "Mean cost of a query; absent where a cost was not recorded.")
          Double usd,
      @Schema(description = "Mean quality.") double quality,
      @Schema(description = "Queries that all members answered.") long queries) {

    private static Oracle of(OraclePoint point) {
      return new Oracle(
          point.hasUsd() ? point.getUsd() : null, point.getQuality(), point.getQueries());
    }
  }

  /** Two versions, query by query. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ComparedPair", description = "Two versions, query by query.")
  public record Pair(
      @Schema(description = "Service of the one.") String service,
      @Schema(description = "Artifact of the one.") String name,
      @Schema(description = "Version of the one.") int version,
      @Schema(description = "Service of what it is held against.") String baseService,
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

    private static Pair of(String service, ComparedPair pair) {
      boolean comparable = pair.getReason().isEmpty();
      return new Pair(
          service,
          pair.getVersion().getName(),
          pair.getVersion().getVersion(),
          service,
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

    private static Pair of(ComparisonAdmin.Pairing pair) {
      Optional<PairedDifference> its = pair.difference();
      return new Pair(
          pair.version().service(),
          pair.version().name(),
          pair.version().number(),
          pair.base().service(),
          pair.base().name(),
          pair.base().number(),
          its.isPresent(),
          its.isPresent() ? null : pair.reason(),
          its.map(d -> (long) d.queries()).orElse(null),
          its.map(PairedDifference::mean).orElse(null),
          its.map(PairedDifference::low).orElse(null),
          its.map(PairedDifference::high).orElse(null),
          its.isPresent() ? PairedDifference.CONFIDENCE : null);
    }
  }

  /** Versions of one service. */
  static ComparisonItem of(String service, CompareVersionsResponse response) {
    return new ComparisonItem(
        response.getVersionsList().stream().map(v -> Compared.of(service, v, null, null)).toList(),
        response.getPairsList().stream().map(p -> Pair.of(service, p)).toList(),
        null);
  }

  /** Versions of any services. */
  static ComparisonItem of(ComparisonAdmin.Comparison comparison) {
    return new ComparisonItem(
        comparison.versions().stream()
            .map(
                v ->
                    Compared.of(
                        v.version().service(),
                        v.compared(),
                        v.queries(),
                        v.sharedQuality().isPresent() ? v.sharedQuality().getAsDouble() : null))
            .toList(),
        comparison.pairings().stream().map(Pair::of).toList(),
        comparison.shared());
  }
}
