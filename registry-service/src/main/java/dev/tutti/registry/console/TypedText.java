package dev.tutti.registry.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Texts as a form shows and takes them. What a form would not give back as it is (blanks around it,
 * none at all, lines, what begins with a quotation mark) is a JSON string: {@code "\n"}.
 */
final class TypedText {

  /** An empty list, which is not one that was left out. */
  private static final String NONE = "[]";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private TypedText() {}

  /** A text of one line. */
  static String shown(String text) {
    boolean isPlain =
        !text.isEmpty()
            && text.strip().equals(text)
            && !text.startsWith("\"")
            && text.chars().noneMatch(Character::isISOControl);
    return isPlain ? text : JSON.valueToTree(text).toString();
  }

  /** A list: one item a line. */
  static String shown(List<String> items) {
    return items.isEmpty()
        ? NONE
        : items.equals(List.of(NONE))
            ? "\"[]\""
            : items.stream().map(TypedText::shown).collect(Collectors.joining("\n"));
  }

  /** The text that was typed; what is no whole JSON string is taken as it is. */
  static String read(String typed) {
    if (typed.length() < 2 || !typed.startsWith("\"") || !typed.endsWith("\"")) {
      return typed;
    }
    try {
      return JSON.readTree(typed).asText();
    } catch (JsonProcessingException e) {
      return typed;
    }
  }

  /** The items that were typed, one a line; blank lines are none. */
  static List<String> items(String typed) {
    return typed.equals(NONE)
        ? List.of()
        : typed
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(TypedText::read)
            .toList();
  }
}
