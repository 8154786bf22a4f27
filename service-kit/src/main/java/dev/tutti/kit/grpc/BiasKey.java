package dev.tutti.kit.grpc;

/** What a key of a request's {@code logit_bias} stands for. */
public sealed interface BiasKey {

  /**
   * A token.
   *
   * @param id in the vocabulary of the one model that answers; -1 where it is below 0 or beyond 32
   *     bits
   */
  record Token(int id) implements BiasKey {}

  /**
   * A text.
   *
   * @param text may be empty, which is refused
   */
  record Text(String text) implements BiasKey {}

  /**
   * Reads a key: an integer is a token, all else a text. In double quotes it is a text whatever it
   * is, so that numbers can be said.
   */
  static BiasKey of(String key) {
    if (key.matches("-?[0-9]+")) {
      try {
        return new Token(Math.max(-1, Integer.parseInt(key)));
      } catch (NumberFormatException e) {
        return new Token(-1);
      }
    }
    boolean quoted = key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"");
    return new Text(quoted ? key.substring(1, key.length() - 1) : key);
  }
}
