package dev.tutti.decoder;

import dev.tutti.kit.testing.LayerRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayersTest {

  @Test
  void packagesNeedEachOtherInOneDirection() {
    LayerRules.assertNoCycles("dev.tutti.decoder", JointEnsembleCatalog.class);
  }

  @Test
  void theApiIsTheWire() {
    LayerRules.assertApiIsTheWire(
        "dev.tutti.decoder",
        List.of("answer"),
        // Health says how each room stands; methods are described as they are registered.
        "health",
        "MethodsApi");
  }

  @Test
  void classesAreSmall() {
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
