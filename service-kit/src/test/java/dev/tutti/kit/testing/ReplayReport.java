package dev.tutti.kit.testing;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What replays measured, beside what was published. {@link #write} prints it, leaves it in {@code
 * target/replay/results.json} and puts it into METHODS.md, between the lines {@value #BEGIN} and
 * {@value #END}.
 */
public final class ReplayReport {

  static final String BEGIN = "<!-- measured: written by -Preplay, not by hand -->";
  static final String END = "<!-- end of measured -->";

  private static final JsonMapper JSON = new JsonMapper();

  private final List<Result> results = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private record Result(
      String set, String method, String metric, double value, OptionalDouble published) {}

  /** A figure that was published for the same thing. */
  public void add(String set, String method, String metric, double value, double published) {
    results.add(new Result(set, method, metric, value, OptionalDouble.of(published)));
  }

  /** A figure without a published one to hold it against. */
  public void add(String set, String method, String metric, double value) {
    results.add(new Result(set, method, metric, value, OptionalDouble.empty()));
  }

  /** A remark below the table: what was learned from what, and what differs from the paper. */
  public void note(String note) {
    notes.add(note);
  }

  /** Prints and writes; does nothing where nothing was measured. */
  public void write() {
    if (results.isEmpty()) {
      return;
    }
    String table = table();
    System.out.println(table);
    try {
      Path json = Path.of("target", "replay", "results.json");
      Files.createDirectories(json.getParent());
      Files.writeString(json, json());
      Path page = Path.of("METHODS.md");
      Files.writeString(page, replaced(Files.readString(page), table));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String replaced(String page, String table) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException("METHODS.md lacks the lines " + BEGIN + " and " + END);
    }
    return page.substring(0, begin + BEGIN.length()) + "\n" + table + page.substring(end);
  }

  private String table() {
    var text =
        new StringBuilder("| set | method | metric | here | published |\n|---|---|---|---|---|\n");
    for (Result r : results) {
      String published = r.published().isPresent() ? shown(r.published().getAsDouble()) : "";
      text.append(
          "| %s | %s | %s | %s | %s |\n"
              .formatted(r.set(), r.method(), r.metric(), shown(r.value()), published));
    }
    text.append('\n');
    notes.forEach(note -> text.append("- ").append(note).append('\n'));
    return text.toString();
  }

  private String json() {
    ArrayNode list = JSON.createArrayNode();
    for (Result r : results) {
      var node =
          list.addObject()
              .put("set", r.set())
              .put("method", r.method())
              .put("metric", r.metric())
              .put("value", r.value());
      r.published().ifPresent(published -> node.put("published", published));
    }
    return list.toPrettyString() + "\n";
  }

  private static String shown(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
