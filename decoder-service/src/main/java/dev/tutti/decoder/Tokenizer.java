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
    for (String prefix : List.of("\n", ";", "a", "1")) {
      int[] head = encode(prefix);
      int[] whole = encode(prefix + text);
      if (head.length > 0
          && whole.length > head.length
          && Arrays.equals(head, 0, head.length, whole, 0, head.length)) {
        return spelling(text, Arrays.copyOfRange(whole, head.length, whole.length));
      }
    }
    return spelling(text, encode(text));
  }

  private Optional<int[]> spelling(String text, int[] ids) {
    var spelt = new ByteArrayOutputStream();
    for (int id : ids) {
      spelt.writeBytes(bytes(id));
    }
    boolean exact = Arrays.equals(spelt.toByteArray(), text.getBytes(StandardCharsets.UTF_8));
    return exact && ids.length > 0 ? Optional.of(ids) : Optional.empty();
  }
}
