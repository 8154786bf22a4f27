package dev.tutti.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.regex.Pattern;

/** What must be said of a model behind endpoints. Whether they answer is the decoder's to tell. */
final class Endpoints {

  /** A reference to a key; the decoder says which ones it follows. */
  static final String CREDENTIAL =
      "env:[A-Z][A-Z0-9_]{0,127}|file:[A-Za-z0-9._/-]{1,256}"
          + "|secret:[a-z0-9.-]{1,253}/[A-Za-z0-9._-]{1,253}";

  private static final Pattern REFERENCE = Pattern.compile(CREDENTIAL);
  private static final int MOST = 8;
  private static final int LONGEST = 1024;
  private static final int LONGEST_REMOTE = 256;
  private static final int LAST_PORT = 65_535;

  private Endpoints() {}

  /** Notes everything that is wrong. */
  static void check(Model wanted, FieldChecks checks) {
    checks.absent("location", wanted.location(), "runtime onnx");
    checks.absent("decoder", wanted.decoder(), "runtime onnx");
    int count = wanted.endpoints() == null ? 0 : wanted.endpoints().size();
    if (count < 1 || count > MOST) {
      checks.wrong(
          "endpoints",
          "There are %d endpoints; runtime openai needs 1 to %d base URLs, e.g. https://api.example.com/v1."
              .formatted(count, MOST));
    } else if (new HashSet<>(wanted.endpoints()).size() < count) {
      checks.wrong("endpoints", "endpoints names one twice.");
    } else {
      for (int i = 0; i < count; i++) {
        check("endpoints[%d]".formatted(i), wanted.endpoints().get(i), checks);
      }
    }
    if (wanted.remoteModel() != null && wanted.remoteModel().isBlank()) {
      checks.wrong("remote_model", "remote_model is empty; leave it out to take the model's name.");
    }
    checks.text("remote_model", wanted.remoteModel(), LONGEST_REMOTE, false);
    if (wanted.credential() != null && !REFERENCE.matcher(wanted.credential()).matches()) {
      // Not shown: whoever errs here may have written the key itself.
      checks.wrong(
          "credential",
          "credential is no reference to a key. Allowed are env:NAME, file:PATH and secret:NAME/KEY.");
    }
  }

  private static void check(String field, String url, FieldChecks checks) {
    if (url == null || url.length() > LONGEST) {
      checks.wrong(field, "%s must be a URL of at most %d characters.".formatted(field, LONGEST));
      return;
    }
    try {
      var uri = new URI(url);
      boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (!http
          || uri.getHost() == null
          || uri.getRawUserInfo() != null
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null) {
        // Not shown whole: it may hold a password.
        checks.wrong(
            field,
            "%s must be a base URL such as https://api.example.com/v1: http or https, a host, and neither user, query nor fragment."
                .formatted(field));
      } else if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
        checks.wrong(
            field,
            "%s has the port %d; a port is 1 to %d.".formatted(field, uri.getPort(), LAST_PORT));
      }
    } catch (URISyntaxException e) {
      checks.wrong(field, "%s is no URL: %s.".formatted(field, e.getReason()));
    }
  }
}
