package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.decoder.fixture.ModelFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text never has fewer tokens than its length says. */
class TokenSpanTest {

  private static final List<String> PARTS =
      List.of(
          "12+34=",
          " ",
          "\n\n",
          "<|bos|>",
          "<|eos|>",
          "é",
          "\u1112\u1161\u11ab",
          "😀",
          "\u2581",
          "a\u0302\u0301",
          "\u212a",
          "\u2126\u0313\u0301\u0345",
          "the ",
          "\u0000");

  @TempDir Path folder;

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(1, 40); i > 0; i--) {
      text.append(PARTS.get(random.nextInt(PARTS.size())).repeat(random.nextInt(1, 12)));
    }
    return text.toString();
  }

  private static void assertNeverFewer(HuggingFaceVocabulary vocabulary) {
    var random = new Random(1);
    for (int i = 0; i < 300; i++) {
      String text = text(random);
      assertTrue(vocabulary.leastTokens(text) <= vocabulary.encode(text).length, text);
    }
    for (String part : PARTS) {
      String text = part.repeat(400);
      assertTrue(vocabulary.leastTokens(text) <= vocabulary.encode(text).length, part);
    }
  }

  private ObjectNode strong() {
    return (ObjectNode)
        new ModelFolder(ModelFiles.starter().resolve("adder-strong")).json(ModelFolder.TOKENIZER);
  }

  private HuggingFaceVocabulary open(JsonNode tokenizer) {
    ModelFiles.write(folder.resolve(ModelFolder.TOKENIZER), tokenizer.toString());
    return HuggingFaceVocabulary.open(
        new ModelFolder(folder), tokenizer.path("model").path("vocab").size(), Set.of(2));
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theStarterModelsCountTheirLongestPiece() {
    try (var vocabulary = open(strong())) {
      assertEquals(1_000, vocabulary.leastTokens("<|bos|>".repeat(1_000)));
      assertNeverFewer(vocabulary);
    }
  }

  @Test
  void composedTextIsReckonedWith() {
    ObjectNode tokenizer = strong();
    tokenizer.set("normalizer", json("{\"type\": \"NFC\"}"));
    try (var vocabulary = open(tokenizer)) {
      assertEquals(250, vocabulary.leastTokens("<|bos|>".repeat(1_000)));
      assertNeverFewer(vocabulary);
    }
  }

  /** Each character written as long as can be: its parts, each by its longest equivalent. */
  @Test
  void compositionShortensToAQuarterAtMost() {
    var characters =
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
            .filter(c -> Character.isDefined(c) && Character.getType(c) != Character.SURROGATE)
            .mapToObj(Character::toString)
            .toList();
    var longest = new HashMap<String, Integer>();
    characters.forEach(c -> longest.merge(decomposed(c), bytes(c), Math::max));
    for (String c : characters) {
      int written =
          decomposed(c)
              .codePoints()
              .map(part -> longest.getOrDefault(Character.toString(part), 4))
              .sum();
      int composed = bytes(Normalizer.normalize(c, Normalizer.Form.NFC));
      assertTrue(written <= 4 * composed, c);
    }
  }

  private static String decomposed(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFD);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void whatMayDropTextIsGivenRoom() {
    for (String part :
        List.of(
            "{\"normalizer\": {\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}}",
            "{\"normalizer\": {\"type\": \"NFKC\"}}",
            "{\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \" +\"}, \"content\": \" \"}}",
            "{\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"  \"}, \"content\": \" \"}}",
            "{\"pre_tokenizer\": {\"type\": \"WhitespaceSplit\"}}",
            "{\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\","
                + " \"pattern\": {\"String\": \" \"}, \"behavior\": \"Removed\", \"invert\": false},"
                + " {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false, \"use_regex\": true}]}}",
            "{\"added_tokens\": [{\"id\": 0, \"content\": \"<|pad|>\", \"rstrip\": true}]}",
            "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {}}}")) {
      ObjectNode tokenizer = strong();
      tokenizer.setAll((ObjectNode) json(part));
      TokenSpan span = TokenSpan.of(tokenizer, 7);
      assertEquals(0, span.leastTokens(65_536), part);
      assertEquals(2, span.leastTokens(65_536 + 257), part);
    }
  }

  @Test
  void anAlphabetWithHolesIsGivenRoom() {
    ObjectNode tokenizer = strong();
    ((ObjectNode) tokenizer.path("model").path("vocab")).remove("Ġ");
    assertEquals(0, TokenSpan.of(tokenizer, 7).leastTokens(65_536));
    assertEquals(0, TokenSpan.of(json(ModelFiles.characterTokenizer("ab")), 5).leastTokens(65_536));
  }
}
