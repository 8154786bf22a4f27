package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Dataset;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One dataset; see dataset.proto for what each field says. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Recorded outcomes: what members answered, how good it was and what it cost.")
public record DatasetItem(
    @Schema(description = "Its name.") String name,
    @Schema(description = "Grows with everything that changes it; its ETag.") long revision,
    @Schema(
            description =
                "64 hexadecimal digits over what it holds: equal for equal queries and outcomes, in whatever order they"
                    + " came.")
        String fingerprint,
    @Schema(description = "Number of queries.") long queries,
    @Schema(
            type = SchemaType.STRING,
            enumeration = {"usd_per_call", "usd_per_million_tokens", "relative"},
            description =
                "What `cost` means: US dollars that the call cost, the member's list price in US dollars per million"
                    + " tokens, or relative to something that the source says.")
        CostUnit costUnit,
    @Schema(description = "When it was first imported to.") Instant createdAt,
    @Schema(description = "When it last changed.") Instant updatedAt,
    @Schema(description = "Its queries by set and split; absent in lists.") List<Slice> slices,
    @Schema(description = "Who answered; absent in lists.") List<Member> members) {

  /** The queries of one set and split. */
  @Schema(name = "DatasetSlice", description = "The queries of one set and split.")
  public record Slice(
      @Schema(description = "The set, as `dataset` of the lines says it; may be empty.") String set,
      @Schema(description = "Such as train or test; may be empty.") String split,
      @Schema(description = "Number of queries.") long queries) {}

  /** One member of a dataset. */
  @Schema(name = "DatasetMember", description = "Who answered.")
  public record Member(
      @Schema(description = "Its name in the dataset.") String name,
      @Schema(description = "How many queries it answered.") long outcomes,
      @Schema(description = "Share of the dataset's queries that it answered, 0 to 1.")
          double coverage,
      @Schema(description = "Mean of its scores, in the task's own unit.") double meanScore) {}

  /** A dataset in a list. */
  static DatasetItem brief(Dataset dataset) {
    return of(dataset, null, null);
  }

  /** A dataset, whole. */
  static DatasetItem whole(Dataset dataset) {
    return of(
        dataset,
        dataset.getSlicesList().stream()
            .map(slice -> new Slice(slice.getSet(), slice.getSplit(), slice.getQueries()))
            .toList(),
        dataset.getMembersList().stream()
            .map(
                member ->
                    new Member(
                        member.getMember(),
                        member.getOutcomes(),
                        (double) member.getOutcomes() / dataset.getQueries(),
                        member.getMeanScore()))
            .toList());
  }

  private static DatasetItem of(Dataset dataset, List<Slice> slices, List<Member> members) {
    return new DatasetItem(
        dataset.getName(),
        dataset.getRevision(),
        dataset.getFingerprint(),
        dataset.getQueries(),
        dataset.getCostUnit(),
        JobItem.time(dataset.getCreatedAt()),
        JobItem.time(dataset.getUpdatedAt()),
        slices,
        members);
  }
}
