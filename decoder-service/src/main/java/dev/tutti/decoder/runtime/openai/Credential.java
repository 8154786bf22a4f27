package dev.tutti.decoder.runtime.openai;

/** A key in clear, for the header of one call. Its text form tells nothing. */
final class Credential {

  static final Credential NONE = new Credential("");

  private final String key;

  Credential(String key) {
    this.key = key;
  }

  boolean isPresent() {
    return !key.isEmpty();
  }

  /** Value of the header Authorization. */
  String bearer() {
    return "Bearer " + key;
  }

  /** The text without the key, should it hold it. */
  String hidden(String text) {
    return key.isEmpty() ? text : text.replace(key, "***");
  }

  @Override
  public String toString() {
    return key.isEmpty() ? "none" : "***";
  }
}
