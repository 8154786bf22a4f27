package dev.tutti.registry.console;

import dev.tutti.kit.testing.Chromium;
import dev.tutti.registry.testing.Rest;
import java.util.Map;

/** The machine's own Chromium, on the pages of the registry under test. */
final class Browser extends Chromium {

  /** Starts it; the test is skipped where the machine has none. */
  Browser() {
    this(Map.of());
  }

  /**
   * The same.
   *
   * @param headers that it sends along with everything
   */
  Browser(Map<String, String> headers) {
    super(headers, Rest.uri("/"));
  }
}
