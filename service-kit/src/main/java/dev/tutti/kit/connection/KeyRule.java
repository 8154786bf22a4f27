package dev.tutti.kit.connection;

import java.util.Arrays;
import java.util.Optional;

/**
 * Whether keys are asked for from the first moment.
 *
 * @param required whether nothing is served without one, even where none was made yet
 */
public record KeyRule(boolean required) {

  private static final String REQUIRED = "required";

  /**
   * The rule of a service: keys are required where its setting says so, and where another machine
   * than this one reaches it.
   *
   * @param setting {@code tutti.keys}, of {@code TUTTI_KEYS}: {@value #REQUIRED}, or nothing
   * @param hosts addresses or names at which it listens
   * @throws IllegalArgumentException for any other setting
   */
  public static KeyRule of(Optional<String> setting, String... hosts) {
    String word = setting.map(String::strip).orElse("");
    if (!word.isEmpty() && !word.equals(REQUIRED)) {
      throw new IllegalArgumentException(
          "TUTTI_KEYS is '%s'; it takes %s, or nothing.".formatted(word, REQUIRED));
    }
    return new KeyRule(
        word.equals(REQUIRED) || !Arrays.stream(hosts).allMatch(HostRule::isLoopback));
  }
}
