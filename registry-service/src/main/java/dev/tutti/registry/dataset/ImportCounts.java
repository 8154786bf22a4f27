package dev.tutti.registry.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * How far an import is: the checkpoint of its job, and in the end its report.
 *
 * @param chunk the next one
 * @param bytes that are done
 * @param lines that held something
 * @param imported new queries
 * @param extended queries that got outcomes, or something else that they lacked
 * @param unchanged lines that say what is stored
 * @param replaced queries that lines contradicted
 * @param refused lines that could not be taken
 * @param kept of these, those whose reason can be read
 * @param numbers names of further numbers that were kept
 * @param labels names of further texts that were kept
 * @param revision of the dataset; 0 where nothing was taken
 */
public record ImportCounts(
    int chunk,
    long bytes,
    long lines,
    long imported,
    long extended,
    long unchanged,
    long replaced,
    long refused,
    long kept,
    Set<String> numbers,
    Set<String> labels,
    long revision) {

  /** The beginning. */
  public static final ImportCounts NONE =
      new ImportCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, Set.of(), Set.of(), 0);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads a checkpoint. */
  public static ImportCounts read(byte[] checkpoint) {
    try {
      return JSON.readValue(checkpoint, ImportCounts.class);
    } catch (IOException e) {
      throw new IllegalStateException("A checkpoint is kept that cannot be read", e);
    }
  }

  /** In words, for whoever waits. */
  public String said() {
    return "%d lines: %d imported, %d extended, %d replaced, %d refused"
        .formatted(lines, imported, extended, replaced, refused);
  }

  /** The same with so many more bytes done. */
  public ImportCounts withBytes(long more) {
    return new ImportCounts(
        chunk,
        bytes + more,
        lines,
        imported,
        extended,
        unchanged,
        replaced,
        refused,
        kept,
        numbers,
        labels,
        revision);
  }

  /** The same with so many refusals that can be read. */
  public ImportCounts withKept(long refusals) {
    return new ImportCounts(
        chunk, bytes, lines, imported, extended, unchanged, replaced, refused, refusals, numbers,
        labels, revision);
  }

  /** As a checkpoint. */
  public byte[] checkpoint() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A checkpoint cannot be written", e);
    }
  }

  /** The report. */
  public Struct report() {
    Struct.Builder report = Struct.newBuilder();
    number(report, "lines", lines);
    number(report, "imported", imported);
    number(report, "extended", extended);
    number(report, "unchanged", unchanged);
    number(report, "replaced", replaced);
    number(report, "refused", refused);
    number(report, "refusals_kept", kept);
    number(report, "revision", revision);
    names(report, "numbers", numbers);
    names(report, "labels", labels);
    return report.build();
  }

  private static void number(Struct.Builder report, String name, long value) {
    report.putFields(name, Value.newBuilder().setNumberValue(value).build());
  }

  private static void names(Struct.Builder report, String name, Set<String> names) {
    Value.Builder list = Value.newBuilder();
    list.getListValueBuilder();
    for (String item : new TreeSet<>(names)) {
      list.getListValueBuilder().addValues(Value.newBuilder().setStringValue(item));
    }
    report.putFields(name, list.build());
  }
}
