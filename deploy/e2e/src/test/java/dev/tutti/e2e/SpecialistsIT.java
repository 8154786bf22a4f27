package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Completion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The starter models that are no adders, through the whole platform. */
@ExtendWith(Platform.class)
class SpecialistsIT {

  private static final int ITEMS = 50;

  /** Three standard deviations of a share over so many questions. */
  private static final double TOLERANCE = 3 * Math.sqrt(0.25 / ITEMS);

  private static final String MARK = "#### ";

  private static final Path STARTER =
      Platform.ROOT.resolve("starter-models/src/main/resources/tutti/starter");

  @ParameterizedTest
  @CsvSource({
    "wordsmith, sorting",
    "wordsmith, facts",
    "calculator, chain",
    "calculator, multiplication",
    "generalist, reversing",
    "adder-bpe-1, addition"
  })
  void aSpecialistIsAsGoodAsItsManifestSays(String model, String task) throws Exception {
    double promised =
        Http.JSON
            .readTree(STARTER.resolve(model).resolve("manifest.json").toFile())
            .at("/held_out/" + task + "/accuracy")
            .asDouble();
    int right = 0;
    for (JsonNode item : items(task)) {
      Completion completion = AnswersIT.generate(model, item.get("prompt").asText(), 1);
      String text = completion.getText();
      String answer =
          text.contains(MARK) ? text.substring(text.lastIndexOf(MARK) + MARK.length()) : text;
      right += answer.equals(item.get("reference").asText()) ? 1 : 0;
    }
    double accuracy = right / (double) ITEMS;
    System.out.printf(
        Locale.ROOT,
        "%s %s %.1f %%, promised %.1f %%%n",
        model,
        task,
        100 * accuracy,
        100 * promised);
    assertEquals(promised, accuracy, TOLERANCE);
  }

  private static List<JsonNode> items(String task) throws IOException {
    List<JsonNode> items = new ArrayList<>();
    for (String line : Files.readAllLines(STARTER.resolve("eval/" + task + ".jsonl"))) {
      items.add(Http.JSON.readTree(line));
    }
    return items.subList(0, ITEMS);
  }
}
