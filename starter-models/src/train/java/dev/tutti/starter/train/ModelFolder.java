package dev.tutti.starter.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.starter.JudgedSteps;
import dev.tutti.starter.Task;
import dev.tutti.starter.eval.StepJudge;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.DecoderExporter;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import dev.tutti.starter.train.tokenizer.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Writes a trained model as the folder that is committed: date-free, same model, same bytes. */
final class ModelFolder {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter PRETTY =
      new DefaultPrettyPrinter()
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;
  private final Architecture architecture;

  ModelFolder(Recipe recipe, BpeVocabulary vocabulary) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
    this.architecture = recipe.architecture(vocabulary);
  }

  /** Writes the model, its files and, after measuring what is stored, its manifest. */
  void write(Path folder, Weights weights) throws Exception {
    Files.createDirectories(folder);
    byte[] model =
        DecoderExporter.export(
            recipe.name(),
            architecture,
            recipe.shape().attention(),
            weights,
            DecoderExporter.Precision.FP16);
    byte[] tokenizer = json(TokenizerFiles.tokenizer(vocabulary));
    Files.write(folder.resolve("model.onnx"), model);
    Files.write(folder.resolve("tokenizer.json"), tokenizer);
    Files.write(
        folder.resolve("tokenizer_config.json"),
        json(TokenizerFiles.configuration(architecture.context())));
    Files.write(folder.resolve("config.json"), json(configuration()));

    measure(folder);
  }

  /** Measures the model that is in the folder and writes its manifest. */
  void measure(Path folder) throws Exception {
    byte[] model = Files.readAllBytes(folder.resolve("model.onnx"));
    byte[] tokenizer = Files.readAllBytes(folder.resolve("tokenizer.json"));
    Files.write(folder.resolve("manifest.json"), json(manifest(model, tokenizer)));
  }

  private ObjectNode manifest(byte[] model, byte[] tokenizer)
      throws NoSuchAlgorithmException, JsonProcessingException {
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("name", recipe.name());
    ArrayNode tasks = manifest.putArray("tasks");
    recipe.mixture().tasks().forEach(task -> tasks.add(task.name()));
    if (recipe.parent() != null && inPool(recipe.parent())) {
      manifest.put("parent", recipe.parent());
    }
    manifest.put("seed", recipe.schedule().seed()).put("steps", recipe.schedule().steps());
    manifest.put("parameters", architecture.parameters());
    manifest.put("weights", "fp16");
    manifest.put("vocabulary", vocabulary.size());
    manifest.put("merges", vocabulary.merges().size());
    manifest.put("attention", lower(recipe.shape().attention()));
    ObjectNode heldOut = manifest.putObject("held_out");
    ObjectNode large = manifest.putObject("held_out_large");
    if (recipe.objective() == Recipe.Objective.STEPS) {
      heldOut.set(JudgedSteps.NAME, steps(HeldOut.committed(JudgedSteps.NAME), model));
      large.set(JudgedSteps.NAME, steps(HeldOut.LARGE, model));
    } else {
      for (Task task : recipe.mixture().tasks()) {
        heldOut.set(task.name(), measured(HeldOut.committed(task.name()), task, model));
        large.set(task.name(), measured(HeldOut.LARGE, task, model));
      }
    }
    ObjectNode files = manifest.putObject("files");
    file(files, "model.onnx", model);
    file(files, "tokenizer.json", tokenizer);
    manifest.set("trainer", trainer());
    System.out.println(recipe.name() + ": " + JSON.writeValueAsString(heldOut));
    return manifest;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private ObjectNode measured(HeldOut set, Task task, byte[] model) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("items", set.draw(task).size()).put("seed", set.seed());
    return node.put("accuracy", set.accuracy(task, vocabulary, architecture.context(), model));
  }

  private ObjectNode steps(HeldOut set, byte[] model) {
    StepJudge.Quality quality = HeldOutSteps.measure(model, vocabulary, set.items(), set.seed());
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("items", set.items()).put("seed", set.seed());
    node.put("right_steps", quality.rightSteps()).put("wrong_steps", quality.wrongSteps());
    node.put("right_kept", quality.rightKept()).put("wrong_found", quality.wrongFound());
    return node.put("balanced_accuracy", quality.balancedAccuracy());
  }

  private ObjectNode configuration() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.putArray("architectures").add("LlamaForCausalLM");
    node.put("model_type", "llama").put("vocab_size", architecture.vocabulary());
    node.put("hidden_size", architecture.width());
    node.put("intermediate_size", architecture.inner());
    node.put("num_hidden_layers", architecture.layers());
    node.put("num_attention_heads", architecture.heads());
    node.put("num_key_value_heads", architecture.heads());
    node.put("head_dim", architecture.headWidth());
    node.put("max_position_embeddings", architecture.context());
    node.put("hidden_act", "silu").put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0);
    node.put("attention_bias", false).put("mlp_bias", false);
    node.put("tie_word_embeddings", false).put("use_cache", true);
    node.put("bos_token_id", BpeVocabulary.BOS).put("eos_token_id", BpeVocabulary.EOS);
    node.put("pad_token_id", BpeVocabulary.PAD);
    return node.put("torch_dtype", "float32");
  }

  private ObjectNode trainer() {
    Recipe.Schedule schedule = recipe.schedule();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (recipe.parent() != null && !inPool(recipe.parent())) {
      Recipe before = Recipes.named(recipe.parent());
      node.put("before", before.schedule().steps() + " steps of " + before.mixture());
    }
    node.put("mixture", recipe.mixture().toString());
    node.put("optimizer", "adam").put("learning_rate", schedule.learningRate());
    node.put("decay", schedule.horizon() > 0 ? "cosine" : "none");
    node.put("horizon_steps", schedule.horizon());
    node.put("questions_per_step", schedule.rows());
    if (recipe.objective() == Recipe.Objective.STEPS) {
      node.put("restoring_steps", Recipe.RESTORING_STEPS);
      node.put("restoring_every", Recipe.RESTORING_EVERY).put("easy_steps", Recipe.EASY_STEPS);
      node.put("parent_rate", recipe.parentRate());
    } else {
      node.put("packed_every_steps", Recipe.PACKED_EVERY);
    }
    node.put("width", architecture.width()).put("layers", architecture.layers());
    return node.put("heads", architecture.heads()).put("inner", architecture.inner());
  }

  private static boolean inPool(String model) {
    return Recipes.all().contains(Recipes.named(model));
  }

  private static void file(ObjectNode files, String name, byte[] content)
      throws NoSuchAlgorithmException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
    files
        .putObject(name)
        .put("bytes", content.length)
        .put("sha256", HexFormat.of().formatHex(digest));
  }

  private static byte[] json(JsonNode node) throws IOException {
    return (JSON.writer(PRETTY).writeValueAsString(node) + "\n")
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
