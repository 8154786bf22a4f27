package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What every manifest promises, measured again on text with the committed files. */
class ManifestAccuracyTest {

  private static final double TOLERANCE = 0.02;

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void everyModelIsAsGoodAsItsManifestSays(String model) throws IOException, OrtException {
    JsonNode heldOut = StarterFiles.json(model + "/manifest.json").get("held_out");
    assertTrue(heldOut.size() > 0, model);
    try (StarterModel starter = new StarterModel(model)) {
      for (var entry : heldOut.properties()) {
        String task = entry.getKey();
        boolean judge = task.equals(JudgedSteps.NAME);
        double accuracy =
            judge
                ? starter.judge().quality(StarterFiles.judgedSteps()).balancedAccuracy()
                : StarterModel.share(starter.right(StarterFiles.heldOut(task)));
        System.out.printf("%s %s %.1f %%%n", model, task, 100 * accuracy);
        String promised = judge ? "balanced_accuracy" : "accuracy";
        double expected = entry.getValue().get(promised).asDouble();
        assertEquals(expected, accuracy, TOLERANCE, model + " " + task);
      }
    }
  }
}
