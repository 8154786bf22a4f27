package dev.tutti.decoder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A vocabulary that also cuts text into tokens. Thread-safe. */
public interface Tokenizer extends Vocabulary {

  /** The text in tokens, without special tokens around it. Never cut off. */
  int[] encode(String text);

  /**
   * A number of tokens that {@link #encode} of this text is not below, found by the text's length
   * alone; 0 where nothing is known.
   */
  default long leastTokens(String text) {
    return 0;
  }

  /**
   * The text in tokens as it stands behind other text: {@code encode(prefix + text)} without the
   * tokens of the prefix (Yu et al. 2024), so that no leading space sneaks in and none is lost. Of
   * several neutral prefixes the first is used that has tokens and keeps them; where none does, the
   * text is encoded by itself.
   *
   * @return tokens that spell the text exactly; empty where it leaves none, or others
   */
  default Optional<int[]> encodeBehind(String text) {
    int[] ids = behind(text);
    var spelt = new ByteArrayOutputStream();
    for (int id : ids) {
      spelt.writeBytes(bytes(id));
    }
    boolean exact = Arrays.equals(spelt.toByteArray(), text.getBytes(StandardCharsets.UTF_8));
    return exact && ids.length > 0 ? Optional.of(ids) : Optional.empty();
  }

  /**
   * The tokens of {@link #encodeBehind} up to the first that does not spell the text, such as the
   * one that stands for the text of a special token: the longest such beginning that is whole
   * characters.
   */
  default int[] beginBehind(String text) {
    int[] ids = behind(text);
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    int whole = 0;
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      byte[] piece = bytes(ids[i]);
      int end = at + piece.length;
      if (piece.length == 0
          || end > wanted.length
          || !Arrays.equals(piece, 0, piece.length, wanted, at, end)) {
        break;
      }
      at = end;
      // Bytes that go on with a character are 10xxxxxx.
      whole = end == wanted.length || (wanted[end] & 0xC0) != 0x80 ? i + 1 : whole;
    }
    return Arrays.copyOf(ids, whole);
  }

  private int[] behind(String text) {
    for (String prefix : List.of("\n", ";", "a", "1")) {
      int[] head = encode(prefix);
      int[] whole = encode(prefix + text);
      if (head.length > 0
          && whole.length > head.length
          && Arrays.equals(head, 0, head.length, whole, 0, head.length)) {
        return Arrays.copyOfRange(whole, head.length, whole.length);
      }
    }
    return encode(text);
  }
}
