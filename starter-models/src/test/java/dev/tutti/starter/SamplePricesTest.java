package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** {@code deploy/local/up} registers every model, at a price in proportion to its parameters. */
class SamplePricesTest {

  private static final Path SAMPLES = Path.of("..", "deploy", "local", "sample", "models");
  private static final double USD_PER_MILLION_TOKENS_AND_PARAMETERS = 1;
  private static final double DEARER_WHEN_WRITTEN = 3;

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void theSampleNamesTheModelAndItsPrice(String model) throws IOException {
    Path file = SAMPLES.resolve(model + ".json");
    assertTrue(Files.exists(file), model + " is not registered by deploy/local/up");
    JsonNode sample = new ObjectMapper().readTree(file.toFile());
    assertEquals(model, sample.get("name").asText());
    assertEquals(model, sample.get("location").asText());
    double millions = StarterFiles.json(model + "/manifest.json").get("parameters").asInt() / 1e6;
    double price = sample.get("usd_per_million_prompt_tokens").asDouble();
    assertEquals(USD_PER_MILLION_TOKENS_AND_PARAMETERS * millions, price, 0.006, model);
    assertEquals(
        DEARER_WHEN_WRITTEN * price,
        sample.get("usd_per_million_completion_tokens").asDouble(),
        1e-9,
        model);
  }
}
