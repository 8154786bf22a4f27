package dev.tutti.fusion;

import dev.tutti.kit.testing.LayerRules;
import dev.tutti.kit.testing.MethodRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FusionCatalogTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava("dev.tutti.fusion", "dev.tutti.learning", "dev.tutti.numerics..");
  }

  @Test
  void classesCatalogAndPageAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.fusion", FusionMethod.class, FusionCatalog.METHODS, Path.of("METHODS.md"));
  }

  @Test
  void roomsStandInOneOrder() {
    LayerRules.assertNoCycles("dev.tutti.fusion", FusionCatalog.class);
    LayerRules.assertApiIsTheWire("dev.tutti.fusion", List.of("answer"));
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
