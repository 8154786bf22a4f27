package dev.tutti.registry;

import dev.tutti.kit.testing.LayerRules;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RegistryRulesTest {

  @Test
  void packagesNeedEachOtherInOneDirection() {
    // It keeps what its package describes.
    LayerRules.assertNoCycles("dev.tutti.registry", Registrar.class);
  }

  @Test
  void classesAreSmall() {
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
