package dev.tutti.registry.dataset;

import dev.tutti.registry.FieldError;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a line makes of the query that is stored under its id. A line says something about what it
 * names and nothing about what it leaves out: it may add outcomes of further members, or a
 * reference; only what it says differently contradicts.
 *
 * @param query as it would be
 * @param contradictions what the line says differently; in {@code query} the line is right
 */
public record Merge(RecordedQuery query, List<FieldError> contradictions) {

  /** What a line makes of what is stored. */
  public static Merge of(RecordedQuery stored, RecordedQuery line) {
    var contradictions = new ArrayList<FieldError>();
    RecordedQuery.Builder merged = stored.toBuilder();
    text("dataset", stored.getSet(), line.getSet(), merged::setSet, contradictions);
    text("split", stored.getSplit(), line.getSplit(), merged::setSplit, contradictions);
    text("query", stored.getQuery(), line.getQuery(), merged::setQuery, contradictions);
    text(
        "reference",
        stored.getReference(),
        line.getReference(),
        merged::setReference,
        contradictions);
    if (line.getOptionsCount() > 0 && !line.getOptionsList().equals(stored.getOptionsList())) {
      if (stored.getOptionsCount() > 0) {
        contradictions.add(differs("options"));
      }
      merged.clearOptions().addAllOptions(line.getOptionsList());
    }
    line.getLabelsMap()
        .forEach(
            (name, label) ->
                text(
                    name,
                    stored.getLabelsOrDefault(name, ""),
                    label,
                    value -> merged.putLabels(name, value),
                    contradictions));
    var outcomes = new TreeMap<String, Outcome>();
    stored.getOutcomesList().forEach(outcome -> outcomes.put(outcome.getMember(), outcome));
    for (Outcome outcome : line.getOutcomesList()) {
      Outcome before = outcomes.put(outcome.getMember(), outcome);
      if (before != null && !before.equals(outcome)) {
        contradictions.add(differs("models." + outcome.getMember()));
      }
    }
    merged.clearOutcomes().addAllOutcomes(outcomes.values());
    return new Merge(merged.build(), contradictions);
  }

  private static void text(
      String field,
      String stored,
      String line,
      Consumer<String> setter,
      List<FieldError> contradictions) {
    if (!line.isEmpty() && !line.equals(stored)) {
      if (!stored.isEmpty()) {
        contradictions.add(differs(field));
      }
      setter.accept(line);
    }
  }

  private static FieldError differs(String field) {
    return new FieldError(
        field,
        "%s differs from what is stored under this id; on_conflict=replace would replace it."
            .formatted(field));
  }
}
