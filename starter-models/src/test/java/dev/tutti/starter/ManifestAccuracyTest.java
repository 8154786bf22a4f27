package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.starter.eval.Answer;
import dev.tutti.starter.eval.GreedyRun;
import dev.tutti.starter.eval.OnnxDecoder;
import dev.tutti.starter.eval.StepJudge;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What every manifest promises, measured again on text with the committed files. */
class ManifestAccuracyTest {

  private static final double TOLERANCE = 0.02;
  private static final int MAX_TOKENS = 64;

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void everyModelIsAsGoodAsItsManifestSays(String model) throws IOException, OrtException {
    JsonNode heldOut = StarterFiles.json(model + "/manifest.json").get("held_out");
    assertTrue(heldOut.size() > 0, model);
    try (OnnxDecoder decoder = new OnnxDecoder(StarterFiles.bytes(model + "/model.onnx"));
        HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
      JsonNode config = StarterFiles.json(model + "/config.json");
      for (var entry : heldOut.properties()) {
        String task = entry.getKey();
        boolean judge = task.equals(JudgedSteps.NAME);
        double accuracy =
            judge
                ? balancedAccuracy(decoder, tokenizer, config)
                : accuracy(decoder, tokenizer, config, StarterFiles.heldOut(task));
        System.out.printf("%s %s %.1f %%%n", model, task, 100 * accuracy);
        String promised = judge ? "balanced_accuracy" : "accuracy";
        double expected = entry.getValue().get(promised).asDouble();
        assertEquals(expected, accuracy, TOLERANCE, model + " " + task);
      }
    }
  }

  private static double accuracy(
      OnnxDecoder decoder, HuggingFaceTokenizer tokenizer, JsonNode config, List<TaskItem> items)
      throws OrtException {
    GreedyRun run =
        new GreedyRun(
            List.of(decoder),
            config.get("bos_token_id").asInt(),
            config.get("eos_token_id").asInt(),
            config.get("max_position_embeddings").asInt());
    List<int[]> prompts = items.stream().map(item -> ids(tokenizer, item.prompt())).toList();
    List<Answer> answers = run.answer(prompts, MAX_TOKENS);
    int right = 0;
    for (int i = 0; i < answers.size(); i++) {
      long[] written = Arrays.stream(answers.get(i).tokens()).asLongStream().toArray();
      String text = tokenizer.decode(written, true);
      right += answers.get(i).ended() && items.get(i).isRight(text) ? 1 : 0;
    }
    return right / (double) items.size();
  }

  private static double balancedAccuracy(
      OnnxDecoder decoder, HuggingFaceTokenizer tokenizer, JsonNode config)
      throws IOException, OrtException {
    return new StepJudge(decoder, config.get("bos_token_id").asInt(), text -> ids(tokenizer, text))
        .quality(StarterFiles.judgedSteps())
        .balancedAccuracy();
  }

  private static int[] ids(HuggingFaceTokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encode(text, false, false).getIds())
        .mapToInt(Math::toIntExact)
        .toArray();
  }
}
