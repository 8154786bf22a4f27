package dev.tutti.registry.dataset;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The lines of one chunk, and what one transaction makes of them. Confined to one thread. */
public final class ImportBatch {

  /** Names of further numbers and texts that a report tells at most. */
  private static final int MOST_NAMES = 100;

  /** Bytes of stored queries that are held at once. */
  private static final long MOST_STORED = 16 << 20;

  private final ImportParameters parameters;
  private final List<Numbered> lines = new ArrayList<>();
  private final List<Refused> refused = new ArrayList<>();
  private final Set<String> numbers = new TreeSet<>();
  private final Set<String> labels = new TreeSet<>();
  private long filled;

  /** A good line. */
  private record Numbered(long line, RecordedQuery query) {}

  /**
   * A line that was refused.
   *
   * @param line its number, from 1 on
   */
  public record Refused(long line, FieldError error) {}

  private ImportBatch(ImportParameters parameters) {
    this.parameters = parameters;
  }

  /** Reads the lines of a chunk. */
  static ImportBatch read(ImportParameters parameters, LineChunks.Chunk chunk) {
    var batch = new ImportBatch(parameters);
    var parser = new LineParser(parameters.ignored());
    for (LineChunks.Part part : chunk.parts()) {
      batch.add(part.number(), parser.parse(chunk, part));
    }
    return batch;
  }

  /**
   * Lines that somebody made, each of one query.
   *
   * @param queries by the number of the line that they come from
   * @param refused lines that were refused before
   */
  public static ImportBatch of(
      ImportParameters parameters, SortedMap<Long, RecordedQuery> queries, List<Refused> refused) {
    var batch = new ImportBatch(parameters);
    queries.forEach((line, query) -> batch.add(line, new Line.Good(query)));
    refused.forEach(its -> batch.add(its.line(), new Line.Bad(its.error())));
    return batch;
  }

  private void add(long number, Line line) {
    switch (line) {
      case Line.Good good -> {
        lines.add(new Numbered(number, good.query()));
        labels.addAll(good.query().getLabelsMap().keySet());
        for (Outcome outcome : good.query().getOutcomesList()) {
          numbers.addAll(outcome.getNumbersMap().keySet());
        }
      }
      case Line.Bad bad -> refused.add(new Refused(number, bad.error()));
      case Line.Blank _ -> {
        return;
      }
    }
    filled++;
  }

  /** What the lines come to, and which are refused. */
  public record Result(ImportCounts counts, List<Refused> refused) {}

  /**
   * Writes the lines into the dataset.
   *
   * @param connection of a transaction that the caller ends
   * @param before what was counted before
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.FailedPrecondition} where the
   *     dataset has another unit of cost
   */
  public Result write(Connection connection, ImportCounts before) throws SQLException {
    long imported = 0;
    long extended = 0;
    long unchanged = 0;
    long replaced = 0;
    long revision = before.revision();
    var wrong = new ArrayList<>(refused);
    if (!lines.isEmpty()) {
      DatasetChange change =
          DatasetChange.begin(
              connection,
              parameters.dataset(),
              parameters.costUnit().orElse(CostUnit.COST_UNIT_USD_PER_CALL));
      requireUnit(change.costUnit());
      // Short lines may add to long queries: these are not held all at once then.
      int run = change.storedBytes(ids(lines)) > MOST_STORED ? 1 : lines.size();
      for (int from = 0; from < lines.size(); from += run) {
        List<Numbered> part = lines.subList(from, Math.min(from + run, lines.size()));
        Map<String, RecordedQuery> stored = change.find(ids(part));
        for (Numbered line : part) {
          RecordedQuery old = stored.get(line.query().getId());
          Merge merge =
              old == null ? new Merge(line.query(), List.of()) : Merge.of(old, line.query());
          boolean contradicts = !merge.contradictions().isEmpty();
          if (contradicts && !parameters.replace()) {
            wrong.add(new Refused(line.line(), merge.contradictions().getFirst()));
          } else if (merge.query().equals(old)) {
            unchanged++;
          } else {
            Optional<FieldError> error = change.put(old, merge.query());
            if (error.isPresent()) {
              wrong.add(new Refused(line.line(), error.get()));
              continue;
            }
            stored.put(merge.query().getId(), merge.query());
            if (old == null) {
              imported++;
            } else if (contradicts) {
              replaced++;
            } else {
              extended++;
            }
          }
        }
        change.writeQueries();
      }
      revision = change.write();
    }
    return new Result(
        new ImportCounts(
            before.chunk() + 1,
            before.bytes(),
            before.lines() + filled,
            before.imported() + imported,
            before.extended() + extended,
            before.unchanged() + unchanged,
            before.replaced() + replaced,
            before.refused() + wrong.size(),
            before.kept(),
            union(before.numbers(), numbers),
            union(before.labels(), labels),
            revision),
        wrong);
  }

  private static Set<String> ids(List<Numbered> lines) {
    return lines.stream().map(line -> line.query().getId()).collect(Collectors.toSet());
  }

  private void requireUnit(CostUnit stored) {
    parameters
        .costUnit()
        .filter(unit -> unit != stored)
        .ifPresent(
            unit -> {
              throw new Failure.FailedPrecondition(
                      "parameters.cost_unit",
                      "OTHER_COST_UNIT",
                      "cost_unit is %s, but the dataset's is %s."
                          .formatted(ContractEnums.word(unit), ContractEnums.word(stored)))
                  .exception();
            });
  }

  private static Set<String> union(Set<String> before, Set<String> more) {
    var names = new TreeSet<>(before);
    more.stream().limit(Math.max(0, MOST_NAMES - names.size())).forEach(names::add);
    return names;
  }
}
