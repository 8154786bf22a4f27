package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** One recorded query, in the words of the lines that are imported; empty fields are left out. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@Schema(description = "One recorded query and what members made of it.")
public record QueryItem(
    @Schema(description = "Unique in the dataset.") String id,
    @Schema(description = "The set, e.g. of a benchmark.") String dataset,
    @Schema(description = "Such as train or test.") String split,
    @Schema(description = "What was asked.") String query,
    @Schema(description = "What would be right.") String reference,
    @Schema(description = "What could be chosen from.") List<String> options,
    @Schema(description = "Further texts of the line.") Map<String, String> labels,
    @Schema(description = "Outcomes by member.") Map<String, OutcomeItem> models) {

  /** What one member made of one query. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Outcome", description = "What one member made of one query.")
  public record OutcomeItem(
      @Schema(description = "How good it was, in the task's own unit; higher is better.")
          double score,
      @Schema(description = "What it answered.") String response,
      @Schema(description = "What it cost, in the dataset's `cost_unit`.") Double cost,
      @Schema(description = "How long it took, in seconds.") Double latency,
      @Schema(description = "How sure it was, in its source's own unit; higher is surer.")
          Double confidence,
      @Schema(description = "Answers of single samples; empty text for one without an answer.")
          List<String> samples,
      @Schema(description = "Further numbers of the line.") Map<String, Double> numbers) {

    private static OutcomeItem of(Outcome outcome) {
      return new OutcomeItem(
          outcome.getScore(),
          outcome.hasResponse() ? outcome.getResponse() : null,
          outcome.hasCost() ? outcome.getCost() : null,
          outcome.hasLatencySeconds() ? outcome.getLatencySeconds() : null,
          outcome.hasConfidence() ? outcome.getConfidence() : null,
          outcome.getSamplesCount() > 0 ? outcome.getSamplesList() : null,
          outcome.getNumbersCount() > 0 ? outcome.getNumbersMap() : null);
    }
  }

  static QueryItem of(RecordedQuery query) {
    var models = new LinkedHashMap<String, OutcomeItem>();
    query
        .getOutcomesList()
        .forEach(outcome -> models.put(outcome.getMember(), OutcomeItem.of(outcome)));
    return new QueryItem(
        query.getId(),
        query.getSet(),
        query.getSplit(),
        query.getQuery(),
        query.getReference(),
        query.getOptionsList(),
        query.getLabelsMap(),
        models);
  }
}
