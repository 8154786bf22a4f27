package dev.tutti.registry.console;

import dev.tutti.registry.Refusal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a form as they were typed. There is none without the visit's token: {@link
 * FormReader} looks before it hands one out, and a change has no other way in.
 */
public final class Form {

  private final Map<String, List<String>> fields;

  private Form(Map<String, List<String>> fields) {
    this.fields = fields;
  }

  /**
   * Reads a body of type {@code application/x-www-form-urlencoded}.
   *
   * @throws IllegalArgumentException where it is none
   */
  static Form parse(String body) {
    var fields = new LinkedHashMap<String, List<String>>();
    for (String pair : body.split("&")) {
      if (!pair.isEmpty()) {
        int sign = pair.indexOf('=');
        String name = decoded(sign < 0 ? pair : pair.substring(0, sign));
        String value = sign < 0 ? "" : decoded(pair.substring(sign + 1));
        fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value.replace("\r\n", "\n"));
      }
    }
    return new Form(fields);
  }

  /** A field without the blanks around it; null where it is blank or absent. */
  String text(String name) {
    String text = typed(name).strip();
    return text.isEmpty() ? null : text;
  }

  /** The values of a field that may have several. */
  List<String> all(String name) {
    return fields.getOrDefault(name, List.of());
  }

  /** The lines of a field that are not blank. */
  List<String> lines(String name) {
    return typed(name).lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /** A field as it was typed, several values on a line each; empty where it is absent. */
  String typed(String name) {
    return String.join("\n", all(name));
  }

  /** A whole number; null where it is none. */
  Long number(String name) {
    try {
      return Long.valueOf(typed(name).strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /**
   * The version that it changes, as the REST takes it.
   *
   * @throws dev.tutti.registry.RefusedException {@link Refusal.VersionRequired} where it lacks it
   */
  String ifMatch() {
    Long version = number("version");
    if (version == null) {
      throw new Refusal.VersionRequired("The form lacks the version that it changes.").exception();
    }
    return "\"%d\"".formatted(version);
  }
}
