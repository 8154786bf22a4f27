package dev.tutti.decoder;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A vocabulary that also cuts text into tokens. Thread-safe. */
public interface Tokenizer extends Vocabulary {

  /** The text in tokens, without special tokens around it. Never cut off. */
  int[] encode(String text);

  /**
   * The text in tokens as it stands behind other text: {@code encode(prefix + text)} without the
   * tokens of the prefix (Yu et al. 2024), so that no leading space sneaks in and none is lost. Of
   * several neutral prefixes the first is used that has tokens and keeps them; where none does, the
   * text is encoded by itself.
   *
   * @return empty where the text leaves no token
   */
  default Optional<int[]> encodeBehind(String text) {
    for (String prefix : List.of("\n", ";", "a", "1")) {
      int[] head = encode(prefix);
      int[] whole = encode(prefix + text);
      if (head.length > 0
          && whole.length > head.length
          && Arrays.equals(head, 0, head.length, whole, 0, head.length)) {
        return Optional.of(Arrays.copyOfRange(whole, head.length, whole.length));
      }
    }
    int[] alone = encode(text);
    return alone.length == 0 ? Optional.empty() : Optional.of(alone);
  }
}
