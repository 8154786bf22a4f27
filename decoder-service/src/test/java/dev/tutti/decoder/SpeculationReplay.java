package dev.tutti.decoder;

import dev.tutti.kit.testing.ReplayReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rows of {@link SpeculationRows} alone, printed. */
@Tag("replay")
class SpeculationReplay {

  @Test
  void measure() {
    SpeculationRows.add(new ReplayReport());
  }
}
