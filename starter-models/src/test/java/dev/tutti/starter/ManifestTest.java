package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The committed files agree with each other. */
class ManifestTest {

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void filesHaveTheirSizesAndDigests(String model) throws IOException, NoSuchAlgorithmException {
    JsonNode files = StarterFiles.json(model + "/manifest.json").get("files");
    for (String name : new String[] {"model.onnx", "tokenizer.json"}) {
      byte[] content = StarterFiles.bytes(model + "/" + name);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      assertEquals(files.get(name).get("bytes").asInt(), content.length);
      assertEquals(files.get(name).get("sha256").asText(), HexFormat.of().formatHex(digest));
    }
    int bytes = files.get("model.onnx").get("bytes").asInt();
    assertTrue(bytes > 200_000 && bytes < 2_000_000, model + " has " + bytes + " bytes");
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void parametersFollowFromTheConfiguration(String model) throws IOException {
    JsonNode manifest = StarterFiles.json(model + "/manifest.json");
    JsonNode config = StarterFiles.json(model + "/config.json");
    int width = config.get("hidden_size").asInt();
    int inner = config.get("intermediate_size").asInt();
    int layer = 4 * width * width + 3 * width * inner + 2 * width;
    int vocabulary = config.get("vocab_size").asInt();
    int all = config.get("num_hidden_layers").asInt() * layer + 2 * vocabulary * width + width;
    assertEquals(manifest.get("parameters").asInt(), all);
    assertEquals(manifest.get("vocabulary").asInt(), vocabulary);
    assertEquals(width, config.get("num_attention_heads").asInt() * config.get("head_dim").asInt());
    assertEquals(model, manifest.get("name").asText());
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void tokenizersRoundTripAnyText(String model) throws IOException {
    try (HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
      for (String text :
          new String[] {
            "123+456=", "", " a  b\n\t", "Grüße, 世界! 🎻", "it's 12 o'clock\r\n", "\0"
          }) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        assertEquals(text, tokenizer.decode(ids, true), model);
      }
    }
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.StarterFiles#ALL")
  void theBeginTokenComesFirstWhereSpecialTokensAreAskedFor(String model) throws IOException {
    JsonNode config = StarterFiles.json(model + "/config.json");
    JsonNode special = StarterFiles.json(model + "/tokenizer_config.json");
    try (HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
      String bos = special.get("bos_token").asText();
      String eos = special.get("eos_token").asText();
      assertArrayEquals(
          new long[] {config.get("bos_token_id").asInt()},
          tokenizer.encode(bos, false, false).getIds());
      assertArrayEquals(
          new long[] {config.get("eos_token_id").asInt()},
          tokenizer.encode(eos, false, false).getIds());
      long[] ids = tokenizer.encode("12+34=", true, false).getIds();
      assertEquals(config.get("bos_token_id").asInt(), ids[0]);
      assertEquals(1 + tokenizer.encode("12+34=", false, false).getIds().length, ids.length);
    }
  }

  @Test
  void theWeakOnesShareOneVocabularyOfCharacters() throws IOException {
    byte[] first = StarterFiles.bytes(StarterFiles.WEAK.getFirst() + "/tokenizer.json");
    for (String model : StarterFiles.WEAK) {
      assertArrayEquals(first, StarterFiles.bytes(model + "/tokenizer.json"));
      try (HuggingFaceTokenizer tokenizer = StarterFiles.tokenizer(model)) {
        assertEquals(8, tokenizer.encode("123+456=", false, false).getIds().length);
      }
    }
  }

  @Test
  void theStrongOneHasOtherTokens() throws IOException {
    JsonNode strong = StarterFiles.json(StarterFiles.STRONG + "/manifest.json");
    assertTrue(strong.get("merges").asInt() > 0);
  }
}
