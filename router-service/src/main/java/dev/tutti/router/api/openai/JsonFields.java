package dev.tutti.router.api.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The fields of one JSON object, read by type and name. A field that is null counts as absent. What
 * nobody has read is refused by {@link #refuseOthers}, so that nothing is dropped in silence. Every
 * error names the field.
 */
final class JsonFields {

  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      // An image is one string; how long bodies may be Bodies says.
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final JsonNode object;
  private final String path;
  private final Set<String> read = new HashSet<>();

  private JsonFields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** The object that a request's body is. */
  static JsonFields parse(byte[] body) {
    JsonNode node;
    try {
      node = READER.readTree(text(body));
    } catch (JsonProcessingException e) {
      String what = "The body is not valid JSON";
      if (e.getLocation() != null) {
        what +=
            ", line %d column %d"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      }
      throw ApiException.invalid("invalid_json", null, "%s: %s.".formatted(what, reason(e)));
    }
    if (!node.isObject()) {
      throw ApiException.invalid("invalid_json", null, "The body must be a JSON object.");
    }
    return new JsonFields(node, "");
  }

  /**
   * Strictly: the parser by itself takes other encodings, and letters written in too many bytes.
   */
  private static String text(byte[] body) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw ApiException.invalid("invalid_json", null, "The body is not valid UTF-8.");
    }
  }

  /** In our words: the parser's speak of its settings. */
  private static String reason(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    if (message.startsWith("Unexpected end-of-input")) {
      return "it ends too early";
    }
    if (message.startsWith("Duplicate field")) {
      return "a field is named twice in one object";
    }
    return switch (e) {
      case StreamConstraintsException _ ->
          "it is nested too deeply, or holds a name or a number that is too long";
      case MismatchedInputException _ -> "something follows its end";
      default -> "JSON has no such thing here";
    };
  }

  /** The fields of a node that must be an object. */
  static JsonFields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw wrongType(path, "an object", node);
    }
    return new JsonFields(node, path + ".");
  }

  /** The whole name of a field. */
  String path(String name) {
    return path + name;
  }

  /** A field, whatever it holds. */
  Optional<JsonNode> node(String name) {
    read.add(name);
    JsonNode node = object.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  /** A field that must be there. */
  JsonNode required(String name) {
    return node(name)
        .orElseThrow(
            () ->
                ApiException.invalid(
                    "missing_required_parameter", path(name), path(name) + " is required."));
  }

  Optional<String> text(String name) {
    return node(name).map(node -> text(node, path(name)));
  }

  String requiredText(String name) {
    return text(required(name), path(name));
  }

  boolean flag(String name) {
    return node(name)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrongType(path(name), "true or false", node);
              }
              return node.booleanValue();
            })
        .orElse(false);
  }

  OptionalDouble number(String name) {
    Optional<JsonNode> node = node(name);
    if (node.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!node.get().isNumber()) {
      throw wrongType(path(name), "a number", node.get());
    }
    return OptionalDouble.of(node.get().doubleValue());
  }

  OptionalLong wholeNumber(String name) {
    return wholeNumber(name, Long.SIZE);
  }

  private OptionalLong wholeNumber(String name, int bits) {
    Optional<JsonNode> node = node(name);
    if (node.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!node.get().isIntegralNumber() || !node.get().canConvertToLong()) {
      throw wrongType(path(name), "a whole number of %d bits".formatted(bits), node.get());
    }
    return OptionalLong.of(node.get().longValue());
  }

  /** A whole number of 32 bits. */
  OptionalInt smallNumber(String name) {
    OptionalLong number = wholeNumber(name, Integer.SIZE);
    if (number.isEmpty()) {
      return OptionalInt.empty();
    }
    if (number.getAsLong() != (int) number.getAsLong()) {
      throw ApiException.invalid(
          "invalid_value",
          path(name),
          "%s is %d; it must fit 32 bits.".formatted(path(name), number.getAsLong()));
    }
    return OptionalInt.of((int) number.getAsLong());
  }

  /**
   * Refuses fields of OpenAI's API that are not served, before others are looked at that depend on
   * them.
   *
   * @param known as for {@link #refuseOthers}
   */
  void refuse(Map<String, String> known) {
    for (var field : object.properties()) {
      if (known.containsKey(field.getKey()) && !asksForNothing(field.getValue())) {
        throw unsupported(path(field.getKey()), known.get(field.getKey()));
      }
    }
  }

  /**
   * Refuses the first field that has not been read.
   *
   * @param known as in {@link #others}
   */
  void refuseOthers(Map<String, String> known) {
    List<ApiException> others = others(known);
    if (!others.isEmpty()) {
      throw others.getFirst();
    }
  }

  /**
   * A refusal of every field that has not been read.
   *
   * @param known fields of OpenAI's API that are not served, with what to say; empty values of them
   *     (null, [], {}, false) ask for nothing and pass
   */
  List<ApiException> others(Map<String, String> known) {
    var refusals = new ArrayList<ApiException>();
    for (var field : object.properties()) {
      String name = field.getKey();
      if (read.contains(name)) {
        continue;
      }
      String full = path(name);
      if (!known.containsKey(name)) {
        String shown = full.length() <= 80 ? full : full.substring(0, 80) + "...";
        refusals.add(
            ApiException.invalid(
                "unknown_parameter", shown, "Unknown parameter: '%s'.".formatted(shown)));
      } else if (!asksForNothing(field.getValue())) {
        refusals.add(unsupported(full, known.get(name)));
      }
    }
    return refusals;
  }

  static ApiException unsupported(String param, String why) {
    return ApiException.invalid(
        "unsupported_parameter", param, "'%s' is not supported. %s".formatted(param, why).strip());
  }

  static String text(JsonNode node, String path) {
    if (!node.isTextual()) {
      throw wrongType(path, "a string", node);
    }
    String text = node.textValue();
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw ApiException.invalid(
          "invalid_value", path, path + " holds half of a surrogate pair, which is no text.");
    }
    return text;
  }

  static ApiException wrongType(String path, String wanted, JsonNode got) {
    return ApiException.invalid(
        "invalid_type",
        path,
        "%s must be %s, but it is %s."
            .formatted(path, wanted, got.getNodeType().name().toLowerCase(Locale.ROOT)));
  }

  private static boolean asksForNothing(JsonNode node) {
    return node.isNull()
        || (node.isContainerNode() && node.isEmpty())
        || (node.isBoolean() && !node.booleanValue());
  }
}
