package dev.tutti.starter;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The committed files, as a user of the jar finds them. */
final class StarterFiles {

  static final List<String> WEAK = List.of("adder-weak-1", "adder-weak-2", "adder-weak-3");
  static final String STRONG = "adder-strong";
  static final List<String> ADDERS =
      List.of("adder-weak-1", "adder-weak-2", "adder-weak-3", STRONG);
  static final List<String> ALL = names();

  private static final ObjectMapper JSON = new ObjectMapper();

  private StarterFiles() {}

  /** Every folder of a model. */
  private static List<String> names() {
    try (Stream<Path> folders = Files.list(folder())) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("manifest.json")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    try {
      return Path.of(StarterFiles.class.getResource("/tutti/starter").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] bytes(String path) throws IOException {
    try (InputStream in = StarterFiles.class.getResourceAsStream("/tutti/starter/" + path)) {
      if (in == null) {
        throw new IOException("no resource " + path);
      }
      return in.readAllBytes();
    }
  }

  static JsonNode json(String path) throws IOException {
    return JSON.readTree(bytes(path));
  }

  static boolean isJudge(String model) throws IOException {
    return json(model + "/manifest.json").get("held_out").has(JudgedSteps.NAME);
  }

  static HuggingFaceTokenizer tokenizer(String model) throws IOException {
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(bytes(model + "/tokenizer.json")),
        Map.of("truncation", "false", "padding", "false"));
  }

  static List<TaskItem> heldOut(String task) throws IOException {
    return new String(bytes("eval/" + task + ".jsonl"), StandardCharsets.UTF_8)
        .lines()
        .map(StarterFiles::item)
        .toList();
  }

  static List<JudgedSteps> judgedSteps() throws IOException {
    return new String(bytes("eval/" + JudgedSteps.NAME + ".jsonl"), StandardCharsets.UTF_8)
        .lines()
        .map(StarterFiles::steps)
        .toList();
  }

  private static JudgedSteps steps(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      List<String> steps = new ArrayList<>();
      node.get("steps").forEach(step -> steps.add(step.asText()));
      return new JudgedSteps(
          node.get("id").asText(),
          node.get("prompt").asText(),
          steps,
          node.get("first_wrong").asInt());
    } catch (IOException e) {
      throw new IllegalArgumentException(line, e);
    }
  }

  private static TaskItem item(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      String reference = node.get("reference").asText();
      return new TaskItem(
          node.get("id").asText(),
          node.get("task").asText(),
          node.get("prompt").asText(),
          node.has("answer") ? node.get("answer").asText() : reference,
          reference);
    } catch (IOException e) {
      throw new IllegalArgumentException(line, e);
    }
  }
}
