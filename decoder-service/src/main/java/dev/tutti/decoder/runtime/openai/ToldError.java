package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What an endpoint says of an error, in whatever form its server has: OpenAI's object, a bare one,
 * a list of one, FastAPI's {@code detail}, text, a page.
 *
 * @param status HTTP status that the error itself names, or is known to stand for; 0 where neither
 * @param message its words, whatever they hold; may be empty
 * @param code for programs; empty where it has none
 * @param param the field that is wrong; empty where it names none
 */
record ToldError(int status, String message, String code, String param) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TITLE =
      Pattern.compile("(?s)<title[^>]*>(.*?)</title>", Pattern.CASE_INSENSITIVE);

  /** Where servers put what they say, the most telling first. */
  private static final List<String> WORDS =
      List.of("message", "msg", "detail", "error", "title", "Message", "error_description");

  private static final List<String> STATUSES =
      List.of("status", "status_code", "statusCode", "code", "http_status_code");

  /** Where servers put a word for programs. */
  private static final List<String> CODES = List.of("code", "status", "error_type", "type");

  /** Kinds of errors that say no more than that there is one. */
  private static final List<String> VAGUE =
      List.of("", "error", "invalid_request_error", "server_error", "api_error", "none", "null");

  /** Parts of codes and types, without what is no letter, and the status they stand for. */
  private static final Map<String, Integer> MEANINGS = meanings();

  private static Map<String, Integer> meanings() {
    var meanings = new LinkedHashMap<String, Integer>();
    for (String part : List.of("ratelimit", "resourceexhausted", "quota", "toomanyrequests")) {
      meanings.put(part, 429);
    }
    for (String part : List.of("unavailable", "overloaded")) {
      meanings.put(part, 503);
    }
    for (String part : List.of("authentication", "unauthenticated", "unauthorized", "apikey")) {
      meanings.put(part, 401);
    }
    for (String part : List.of("permission", "forbidden")) {
      meanings.put(part, 403);
    }
    meanings.put("notfound", 404);
    for (String part :
        List.of(
            "invalid",
            "badrequest",
            "context",
            "validation",
            "unsupported",
            "contentfilter",
            "contentpolicy")) {
      meanings.put(part, 400);
    }
    return meanings;
  }

  /** The error that a body is, which may be cut off. */
  static ToldError of(byte[] body) {
    JsonNode root = tree(body);
    if (root != null && root.isContainerNode()) {
      return of(root);
    }
    String text = root != null && root.isTextual() ? root.textValue() : text(body);
    return new ToldError(0, text, "", "");
  }

  /** The error that a body tells of, though it came as an answer; empty where it tells of none. */
  static Optional<ToldError> within(byte[] body) {
    JsonNode root = tree(body);
    if (root == null || !root.isContainerNode() || root.has("choices") && !isError(root)) {
      return Optional.empty();
    }
    boolean tells =
        isError(root)
            || isError(root.path(0))
            || root.path("object").asText().equals("error")
            || says(root.path("detail"))
            || (says(root.path("message")) && (status(root) > 0 || namesError(root)));
    return tells ? Optional.of(of(root)) : Optional.empty();
  }

  private static boolean isError(JsonNode node) {
    return says(node.path("error"));
  }

  /** What waits for its turn has a message and a status too. */
  private static boolean namesError(JsonNode node) {
    return CODES.stream()
        .anyMatch(name -> node.path(name).asText("").toLowerCase(Locale.ROOT).contains("error"));
  }

  private static boolean says(JsonNode node) {
    return node.isContainerNode()
        ? !node.isEmpty()
        : !node.isNull() && node.asBoolean(true) && !node.asText("").isBlank();
  }

  private static ToldError of(JsonNode root) {
    JsonNode error = inner(root);
    String message = words(error);
    String code = code(error);
    return new ToldError(status(error), message, code, param(error));
  }

  /** What is within the wrappings. */
  private static JsonNode inner(JsonNode node) {
    if (node.isArray() && node.size() > 0 && node.get(0).isObject()) {
      return inner(node.get(0));
    }
    for (String wrapping : List.of("error", "detail")) {
      if (node.path(wrapping).isObject()) {
        return inner(node.path(wrapping));
      }
    }
    return node;
  }

  private static String words(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue();
    }
    if (node.isArray()) {
      return StreamSupport.stream(node.spliterator(), false)
          .map(ToldError::words)
          .filter(words -> !words.isEmpty())
          .collect(Collectors.joining("; "));
    }
    if (!node.isObject()) {
      return "";
    }
    for (String name : WORDS) {
      String words = words(node.path(name));
      if (!words.isBlank()) {
        String place = place(node.path("loc"));
        return place.isEmpty() ? words : place + ": " + words;
      }
    }
    return "";
  }

  private static String code(JsonNode error) {
    for (String name : CODES) {
      String code = error.path(name).isTextual() ? error.path(name).textValue() : "";
      if (!VAGUE.contains(code.toLowerCase(Locale.ROOT)) && !code.matches("\\d+")) {
        return code;
      }
    }
    return "";
  }

  private static int status(JsonNode error) {
    for (String name : STATUSES) {
      // Some write the number as text.
      int status = error.path(name).asInt(0);
      if (status >= 400 && status <= 599) {
        return status;
      }
    }
    for (String name : CODES) {
      String kind = error.path(name).asText("").toLowerCase(Locale.ROOT);
      String letters = kind.replaceAll("[^a-z]", "");
      for (Map.Entry<String, Integer> meaning : MEANINGS.entrySet()) {
        if (letters.contains(meaning.getKey())) {
          return meaning.getValue();
        }
      }
    }
    return 0;
  }

  private static String param(JsonNode error) {
    if (error.path("param").isTextual()) {
      return error.path("param").textValue();
    }
    JsonNode details =
        error.path("detail").isArray()
            ? error.path("detail")
            : error.path("message").path("detail");
    return place(error.has("loc") ? error.path("loc") : details.path(0).path("loc"));
  }

  /** FastAPI's way to a field, as its sender knows it: {@code messages[0].content}. */
  private static String place(JsonNode way) {
    var place = new StringBuilder();
    for (JsonNode step : way) {
      if (step.isInt()) {
        place.append('[').append(step.intValue()).append(']');
      } else if (place.length() > 0 || !step.asText().equals("body")) {
        place.append(place.isEmpty() ? "" : ".").append(step.asText());
      }
    }
    return place.toString();
  }

  private static JsonNode tree(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return null;
    }
  }

  /** Of a page its title: the rest is made for eyes. */
  private static String text(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    if (!text.startsWith("<")) {
      return text;
    }
    Matcher title = TITLE.matcher(text);
    return title.find() ? title.group(1).strip() : "";
  }
}
