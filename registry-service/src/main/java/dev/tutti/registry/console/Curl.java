package dev.tutti.registry.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A call of the REST, as one line for a shell.
 *
 * @param title what it does
 * @param line the call, quoted
 */
public record Curl(String title, String line) {

  /**
   * A question.
   *
   * @param base scheme, host and port
   * @param path encoded
   * @param parameters those without a value are left out
   */
  static Curl get(String title, String base, String path, Map<String, String> parameters) {
    return new Curl(title, "curl -s " + quoted(base + path + query(parameters)));
  }

  /** A change of the newest version of something, or of nothing that has versions. */
  static Curl change(
      String title, String base, String method, String path, Long version, String body) {
    var line = new StringBuilder("curl -s -X ").append(method).append(' ');
    line.append(quoted(base + path));
    if (version != null) {
      line.append(" -H ").append(quoted("If-Match: \"%d\"".formatted(version)));
    }
    if (body != null) {
      line.append(" -H 'Content-Type: application/json' -d ").append(quoted(body));
    }
    return new Curl(title, line.toString());
  }

  /** Parameters with a value as the end of an address; nothing where there are none. */
  static String query(Map<String, String> parameters) {
    String query =
        parameters.entrySet().stream()
            .filter(p -> p.getValue() != null)
            .map(p -> p.getKey() + "=" + encoded(p.getValue()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  /** Text as one part of an address. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
