package dev.tutti.registry.dataset;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tutti.registry.FieldError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** One line of an uploaded body, as JSON: one object, read strictly. */
public final class JsonLine {

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              new JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(16).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private JsonLine() {}

  /** A line, or a field of it, that cannot be taken. */
  public static final class WrongException extends RuntimeException {

    private final transient FieldError error;

    /**
     * Of a field.
     *
     * @param field its path; empty for the whole line
     * @param reason what is wrong and what is allowed
     */
    public WrongException(String field, String reason) {
      super(reason, null, false, false);
      this.error = new FieldError(field, reason);
    }

    /** What is wrong. */
    public FieldError error() {
      return error;
    }
  }

  /**
   * Reads a line, without its end.
   *
   * @return the object; null where there is nothing
   * @throws WrongException where it is none
   */
  public static JsonNode read(byte[] data, int offset, int length) {
    int end = offset + length;
    int start = offset;
    while (start < end && data[start] <= ' ' && data[start] >= 0) {
      start++;
    }
    if (start == end) {
      return null;
    }
    JsonNode line;
    try {
      line = JSON.readTree(data, start, end - start);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null ? "" : " (column %d)".formatted(e.getLocation().getColumnNr());
      throw new WrongException("", "It is no JSON%s: %s.".formatted(place, reason(e)));
    } catch (IOException e) {
      throw new WrongException("", "It is no JSON in UTF-8.");
    }
    if (!line.isObject()) {
      throw new WrongException("", "A line must be one JSON object.");
    }
    return line;
  }

  /** Short text of a field: a name. */
  public static String name(String field, JsonNode value, int longest) {
    String text = text(field, value);
    if (text.length() > longest || !isClean(text)) {
      throw new WrongException(
          field,
          "%s must have at most %d characters, none of them a control character."
              .formatted(field, longest));
    }
    return text;
  }

  /** Text of a field. */
  public static String text(String place, JsonNode value) {
    if (!value.isTextual()) {
      throw new WrongException(place, "%s must be text.".formatted(place));
    }
    if (!isWhole(value.textValue())) {
      throw new WrongException(place, "%s holds half a character.".formatted(place));
    }
    return value.textValue();
  }

  /** Whether text can be written in UTF-8 as it is: no half of a surrogate pair. */
  static boolean isWhole(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  static boolean isClean(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  /** A name that somebody made up, as a message may hold it. */
  public static String shown(String name) {
    String clean =
        name.codePoints()
            .limit(80)
            .map(
                c ->
                    Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                        ? '?'
                        : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return clean.length() < name.length() ? clean + "..." : clean;
  }

  private static String reason(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    if (message.startsWith("Duplicate field")) {
      return shown(message.lines().findFirst().orElse(""));
    }
    if (message.contains("surrogate")) {
      return "it holds half a character";
    }
    return message.startsWith("Unexpected end-of-input")
        ? "it ends too early"
        : "it has no such thing here";
  }
}
