package dev.tutti.decoder.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How a {@code tokenizer.json} spells bytes: the byte-level alphabet of GPT-2 (U+0120 is a space),
 * SentencePiece (U+2581 is a space, {@code <0x0A>} a byte), or plain text.
 */
enum TokenBytes {
  /** Every byte is a printable letter. */
  BYTE_LEVEL {
    @Override
    byte[] of(String piece) {
      var bytes = new ByteArrayOutputStream(piece.length());
      for (int i = 0; i < piece.length(); i++) {
        char letter = piece.charAt(i);
        int b = letter < LETTER_BYTES.length ? LETTER_BYTES[letter] : -1;
        if (b < 0) {
          throw new ModelLoadException(
              "tokenizer.json: the piece '%s' is not in the byte-level alphabet.".formatted(piece));
        }
        bytes.write(b);
      }
      return bytes.toByteArray();
    }
  },
  /** Text with a mark for the space, and pieces for single bytes. */
  SENTENCE_PIECE {
    @Override
    byte[] of(String piece) {
      if (piece.length() == 6 && piece.startsWith("<0x") && piece.endsWith(">")) {
        try {
          return new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)};
        } catch (NumberFormatException e) {
          return PLAIN.of(piece);
        }
      }
      return PLAIN.of(piece.replace('\u2581', ' '));
    }
  },
  /** Text as it is. */
  PLAIN {
    @Override
    byte[] of(String piece) {
      return piece.getBytes(StandardCharsets.UTF_8);
    }
  };

  private static final int[] LETTER_BYTES = letterBytes();

  /** The bytes that a piece stands for. */
  abstract byte[] of(String piece);

  /** How this tokenizer spells bytes. */
  static TokenBytes of(JsonNode tokenizer) {
    List<String> parts = new ArrayList<>();
    collect(tokenizer.path("decoder"), "decoders", parts);
    collect(tokenizer.path("pre_tokenizer"), "pretokenizers", parts);
    if (parts.contains("WordPiece") || parts.contains("BPEDecoder") || parts.contains("CTC")) {
      throw new ModelLoadException(
          "tokenizer.json: its decoder %s is none of a causal language model.".formatted(parts));
    }
    if (parts.contains("ByteLevel")) {
      return BYTE_LEVEL;
    }
    boolean sentencePiece =
        parts.contains("Metaspace")
            || parts.contains("ByteFallback")
            || tokenizer.path("model").path("byte_fallback").asBoolean()
            || tokenizer.path("decoder").toString().contains("\u2581");
    return sentencePiece ? SENTENCE_PIECE : PLAIN;
  }

  private static void collect(JsonNode part, String inner, List<String> types) {
    if (part.has("type")) {
      types.add(part.get("type").asText());
    }
    part.path(inner).forEach(each -> collect(each, inner, types));
  }

  /** The letter that stands for a byte in the byte-level alphabet. */
  static String letter(int value) {
    for (int letter = 0; letter < LETTER_BYTES.length; letter++) {
      if (LETTER_BYTES[letter] == value) {
        return Character.toString(letter);
      }
    }
    throw new IllegalArgumentException(value + " is no byte");
  }

  /** Printable bytes stand for themselves, the others for the letters from U+0100 on, in order. */
  private static int[] letterBytes() {
    var bytes = new int[0x200];
    java.util.Arrays.fill(bytes, -1);
    int next = 0x100;
    for (int b = 0; b < 0x100; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      bytes[printable ? b : next++] = b;
    }
    return bytes;
  }
}
