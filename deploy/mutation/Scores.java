import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/** Prints, a package a line, how many mutants of a report of PIT died, of how many. */
final class Scores {

  private static final class Count {
    int dead;
    int all;
  }

  public static void main(String... args) throws IOException {
    Path report = Path.of(args[0]);
    if (!Files.exists(report)) {
      return;
    }
    var counts = new TreeMap<String, Count>();
    for (String line : Files.readAllLines(report)) {
      // File, class, mutator, method, line, status, test.
      String[] cells = line.split(",");
      String type = cells[1];
      Count count =
          counts.computeIfAbsent(type.substring(0, type.lastIndexOf('.')), _ -> new Count());
      count.all++;
      count.dead += cells[5].equals("SURVIVED") || cells[5].equals("NO_COVERAGE") ? 0 : 1;
    }
    counts.forEach(
        (name, count) ->
            System.out.printf(
                "%-45s %4d of %4d mutants died: %.3f%n",
                name, count.dead, count.all, (double) count.dead / count.all));
  }
}
