package dev.tutti.decoder.runtime.openai;

/** A key in clear, for the header of one call. Its text form tells nothing. */
final class Credential {

  static final Credential NONE = new Credential("");

  private final String key;
  private final String place;

  Credential(String key) {
    this(key, "");
  }

  private Credential(String key, String place) {
    this.key = key;
    this.place = place;
  }

  /**
   * The same for the calls of one endpoint, where it is nobody's business either.
   *
   * @param place its scheme, host and port
   */
  Credential at(String place) {
    return new Credential(key, place);
  }

  boolean isPresent() {
    return !key.isEmpty();
  }

  /** Value of the header Authorization. */
  String bearer() {
    return "Bearer " + key;
  }

  /** The text without the key and the endpoint's place, should it hold them. */
  String hidden(String text) {
    String hidden = key.isEmpty() ? text : text.replace(key, "***");
    if (place.isEmpty()) {
      return hidden;
    }
    String host = place.replaceFirst("^.*//", "");
    hidden = hidden.replace(place, "***");
    // A name alone may be a word like any other.
    return host.contains(":") ? hidden.replace(host, "***") : hidden;
  }

  @Override
  public String toString() {
    return key.isEmpty() ? "none" : "***";
  }
}
