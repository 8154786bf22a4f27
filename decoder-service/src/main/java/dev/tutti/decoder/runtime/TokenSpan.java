package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * How much text a token stands for at most, so that a text which cannot fit is refused by its
 * length, before it is cut: cutting megabytes takes seconds that nobody can cancel.
 *
 * <p>Where each token stands for a stretch of the text and no character is lost, a token stands for
 * at most as many bytes as the longest piece has. That holds for byte-level BPE and for BPE with
 * byte fallback over all 256 bytes, unless a part of the tokenizer drops text: a pre-tokenizer that
 * removes whitespace, a marker that swallows the spaces beside it, a normaliser that strips.
 * Composition (NFC) shortens a text to a third at most, which Hangul reaches; a quarter is
 * reckoned.
 *
 * <p>Of any other tokenizer nothing is known for sure: a word of any length may be one unknown
 * token. There {@value #GENEROUS} bytes are reckoned a token, after {@value #FREE} that count for
 * nothing; only text that is far longer than any that is meant is refused so.
 *
 * @param bytes of UTF-8 that a token stands for at most
 * @param free bytes that may take no token at all
 */
record TokenSpan(int bytes, int free) {

  private static final int GENEROUS = 256;
  private static final int FREE = 65_536;
  private static final int COMPOSED = 4;
  private static final Set<String> KEEP_ALL =
      Set.of("Sequence", "ByteLevel", "Metaspace", "Digits", "Split", "Punctuation");

  /**
   * The span of a tokenizer.
   *
   * @param tokenizer a {@code tokenizer.json}
   * @param longestPiece bytes of UTF-8 of its longest piece, as it is written there
   */
  static TokenSpan of(JsonNode tokenizer, int longestPiece) {
    int shrinking = shrinking(tokenizer.path("normalizer"));
    boolean known =
        shrinking > 0
            && keepsAll(tokenizer.path("pre_tokenizer"))
            && spellsAll(tokenizer)
            && !swallows(tokenizer.path("added_tokens"));
    return known
        ? new TokenSpan(longestPiece * shrinking, 0)
        : new TokenSpan(Math.max(GENEROUS, longestPiece), FREE);
  }

  /** The tokens that a text of so many bytes has at least. */
  long leastTokens(long length) {
    return length <= free ? 0 : (length - free + bytes - 1) / bytes;
  }

  /** How many times shorter a text may come out of a normaliser; 0 where that is not known. */
  private static int shrinking(JsonNode normalizer) {
    return switch (normalizer.path("type").asText()) {
      case "" -> 1;
      case "Prepend" -> 1;
      case "NFC" -> COMPOSED;
      case "Replace" -> {
        String pattern = normalizer.path("pattern").path("String").asText();
        yield !pattern.isEmpty() && length(normalizer.path("content")) >= length(pattern) ? 1 : 0;
      }
      case "Sequence" -> {
        int all = 1;
        for (JsonNode each : normalizer.path("normalizers")) {
          all *= shrinking(each);
        }
        yield all;
      }
      default -> 0;
    };
  }

  private static boolean keepsAll(JsonNode preTokenizer) {
    String type = preTokenizer.path("type").asText();
    boolean keeps =
        type.isEmpty()
            || (KEEP_ALL.contains(type)
                && !preTokenizer.path("behavior").asText().equals("Removed"));
    for (JsonNode each : preTokenizer.path("pretokenizers")) {
      keeps &= keepsAll(each);
    }
    return keeps;
  }

  /** Whether every byte is a token, so that nothing is unknown. */
  private static boolean spellsAll(JsonNode tokenizer) {
    JsonNode model = tokenizer.path("model");
    if (!model.path("type").asText("BPE").equals("BPE")
        || !model.path("continuing_subword_prefix").asText("").isEmpty()
        || !model.path("end_of_word_suffix").asText("").isEmpty()) {
      return false;
    }
    boolean byteLevel = tokenizer.path("pre_tokenizer").toString().contains("\"ByteLevel\"");
    boolean fallback = model.path("byte_fallback").asBoolean();
    for (int b = 0; b < 0x100; b++) {
      boolean letter = byteLevel && model.path("vocab").has(TokenBytes.letter(b));
      if (!letter && !(fallback && model.path("vocab").has("<0x%02X>".formatted(b)))) {
        return false;
      }
    }
    return true;
  }

  private static boolean swallows(JsonNode added) {
    for (JsonNode token : added) {
      if (token.path("lstrip").asBoolean() || token.path("rstrip").asBoolean()) {
        return true;
      }
    }
    return false;
  }

  private static int length(JsonNode text) {
    return length(text.asText());
  }

  /** Bytes of UTF-8. */
  static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
