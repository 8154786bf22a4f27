package dev.tutti.kit.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/** Recorded answers of real models, read from the folder that {@code -Dtutti.recordings} names. */
public final class Recordings {

  private static final String FOLDER = "tutti.recordings";
  private static final JsonMapper JSON = new JsonMapper();

  private Recordings() {}

  /**
   * Hands over a set row by row, in the order of its file. Skips the running test, with a message,
   * where the recordings are not there.
   *
   * @param set name of the set, e.g. {@code routerdc7}
   */
  public static void read(String set, Consumer<JsonNode> row) {
    String folder = System.getProperty(FOLDER, "");
    requireOrSkip(!folder.isBlank(), "name the folder of the recordings by -D" + FOLDER + "=DIR");
    Path file = Path.of(folder, set + ".jsonl.gz");
    requireOrSkip(Files.isReadable(file), "there is no " + file);
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        row.accept(JSON.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireOrSkip(boolean there, String message) {
    if (!there) {
      // Surefire keeps the reason of a skipped test to its report.
      System.out.println("No replay: " + message);
    }
    Assumptions.assumeTrue(there, message);
  }
}
