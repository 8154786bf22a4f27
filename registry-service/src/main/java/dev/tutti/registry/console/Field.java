package dev.tutti.registry.console;

import java.util.List;

/**
 * One field of a form.
 *
 * @param name as the REST calls it
 * @param label for people
 * @param input what it looks like
 * @param value as it is or was typed; what is chosen or written on several lines is on a line each
 * @param options of a choice
 * @param help what it says, and what is allowed
 * @param required whether it may not be left out
 * @param error what it was refused for; null for nothing
 */
public record Field(
    String name,
    String label,
    Input input,
    String value,
    List<String> options,
    String help,
    boolean required,
    String error) {

  /** What a field looks like. */
  public enum Input {
    /** One line. */
    TEXT,
    /** A number. */
    NUMBER,
    /** Several lines, or one value a line. */
    LINES,
    /** One of the options. */
    CHOICE,
    /** Any of the options. */
    CHECKS
  }

  /** For the attribute {@code id}: where an error leads to. */
  public String id() {
    return "field-" + name;
  }

  /** Whether this option is chosen. */
  public boolean chosen(String option) {
    return value.lines().anyMatch(option::equals);
  }
}
