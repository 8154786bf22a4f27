package dev.tutti.learning;

import dev.tutti.kit.testing.LayerRules;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LearningRulesTest {

  @Test
  void packagesNeedEachOtherInOneDirection() {
    LayerRules.assertNoCycles("dev.tutti.learning");
  }

  @Test
  void classesAreSmall() {
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
