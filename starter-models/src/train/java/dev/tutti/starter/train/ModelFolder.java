package dev.tutti.starter.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /** Writes the model, its files and, after measuring both precisions, its manifest. */
  void write(Path folder, Weights weights) throws Exception {
    Files.createDirectories(folder);
    byte[] exact = export(weights, DecoderExporter.Precision.FP32);
    byte[] half = export(weights, DecoderExporter.Precision.FP16);
    byte[] tokenizer = json(TokenizerFiles.tokenizer(vocabulary));
    Files.write(folder.resolve("model.onnx"), half);
    Files.write(folder.resolve("tokenizer.json"), tokenizer);
    Files.write(
        folder.resolve("tokenizer_config.json"),
        json(TokenizerFiles.configuration(architecture.context())));
    Files.write(folder.resolve("config.json"), json(configuration()));

    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("name", recipe.name()).put("task", recipe.task().name());
    manifest.put("seed", recipe.seed()).put("steps", recipe.steps());
    manifest.put("parameters", architecture.parameters());
    manifest.put("weights", "fp16").put("vocabulary", vocabulary.size());
    manifest.put("merges", vocabulary.merges().size());
    manifest.set("held_out", HeldOut.COMMITTED.measured(recipe, vocabulary, exact, half));
    manifest.set("held_out_large", HeldOut.LARGE.measured(recipe, vocabulary, exact, half));
    ObjectNode files = manifest.putObject("files");
    file(files, "model.onnx", half);
    file(files, "tokenizer.json", tokenizer);
    manifest.set("trainer", trainer());
    Files.write(folder.resolve("manifest.json"), json(manifest));
    System.out.println(json(recipe.name(), manifest));
  }

  private byte[] export(Weights weights, DecoderExporter.Precision precision) {
    return DecoderExporter.export(recipe.name(), architecture, weights, precision);
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
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("optimizer", "adam").put("learning_rate", recipe.learningRate());
    node.put("decay", recipe.decay() ? "cosine" : "none");
    node.put("questions_per_step", recipe.rows());
    node.put("packed_every_steps", Recipe.PACKED_EVERY);
    node.put("width", recipe.width()).put("layers", recipe.layers());
    return node.put("heads", recipe.heads()).put("inner", recipe.inner());
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

  private static String json(String name, ObjectNode manifest) throws JsonProcessingException {
    return name + ": " + JSON.writeValueAsString(manifest.get("held_out"));
  }
}
