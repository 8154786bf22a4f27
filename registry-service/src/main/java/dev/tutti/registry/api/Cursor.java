package dev.tutti.registry.api;

import dev.tutti.registry.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** A place in a list, for the caller to hand back and not to look into. */
final class Cursor {

  private Cursor() {}

  /**
   * The cursor after a place.
   *
   * @param list which list, so that the cursor of one is refused by another
   * @param last key of the last item that was given
   */
  static String after(String list, Object last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((list + "\n" + last).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Key of the last item that was given.
   *
   * @param list as it was given to {@link #after}
   * @param cursor null for the start
   * @throws dev.tutti.registry.RefusedException {@link Refusal.Malformed} where it is none of this
   *     list's
   */
  static Optional<String> read(String list, String cursor) {
    if (cursor == null) {
      return Optional.empty();
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (text.startsWith(list + "\n") && text.indexOf('\0') < 0) {
        return Optional.of(text.substring(list.length() + 1));
      }
    } catch (IllegalArgumentException e) {
      throw wrong();
    }
    throw wrong();
  }

  /**
   * The same for lists whose keys are numbers.
   *
   * @return below which number to go on; {@link Long#MAX_VALUE} at the start
   */
  static long readNumber(String list, String cursor) {
    try {
      return read(list, cursor).map(Long::parseLong).orElse(Long.MAX_VALUE);
    } catch (NumberFormatException e) {
      throw wrong();
    }
  }

  /** It is none of this list's. */
  static RuntimeException wrong() {
    return Refusal.malformed(
        "cursor", "cursor is not one that this list gave; leave it out to start over.");
  }
}
