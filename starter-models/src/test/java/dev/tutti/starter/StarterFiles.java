package dev.tutti.starter;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The committed files, as a user of the jar finds them. */
final class StarterFiles {

  static final List<String> WEAK = List.of("adder-weak-1", "adder-weak-2", "adder-weak-3");
  static final String STRONG = "adder-strong";
  static final List<String> ALL = List.of("adder-weak-1", "adder-weak-2", "adder-weak-3", STRONG);

  private static final ObjectMapper JSON = new ObjectMapper();

  private StarterFiles() {}

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

  private static TaskItem item(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return new TaskItem(
          node.get("id").asText(),
          node.get("task").asText(),
          node.get("prompt").asText(),
          node.get("reference").asText());
    } catch (IOException e) {
      throw new IllegalArgumentException(line, e);
    }
  }
}
