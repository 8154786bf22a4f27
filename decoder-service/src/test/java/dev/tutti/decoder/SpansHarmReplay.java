package dev.tutti.decoder;

import dev.tutti.kit.testing.ReplayReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rows of {@link SpansHarmRows} alone, printed. */
@Tag("replay")
class SpansHarmReplay {

  @Test
  void measure() {
    SpansHarmRows.addTo(new ReplayReport());
  }
}
