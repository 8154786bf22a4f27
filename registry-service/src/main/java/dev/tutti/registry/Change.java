package dev.tutti.registry;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * A change that passed every check.
 *
 * @param action what was asked for
 * @param before what was there; null where there was nothing
 * @param after what is there then; null where nothing is
 */
public record Change(Action action, Entry before, Entry after) {

  /** What was asked for. */
  public enum Action {
    /** A new entry. */
    CREATE,
    /** Another content. */
    REPLACE,
    /** The content of an earlier version. */
    ROLL_BACK,
    /** Another point of its life. */
    LIFECYCLE,
    /** A draft thrown away. */
    DELETE;

    /** In lower case. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The entry that it is about, as it is then, or as it was where nothing is left. */
  public Entry subject() {
    return after == null ? before : after;
  }
}
