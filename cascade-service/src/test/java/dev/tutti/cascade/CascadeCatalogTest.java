package dev.tutti.cascade;

import dev.tutti.kit.testing.LayerRules;
import dev.tutti.kit.testing.MethodRules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CascadeCatalogTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava(
        "dev.tutti.cascade",
        "dev.tutti.cascade.estimate",
        "dev.tutti.cascade.tuning",
        "dev.tutti.learning",
        "dev.tutti.numerics..");
  }

  @Test
  void classesCatalogAndPageAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.cascade", CascadeMethod.class, CascadeCatalog.METHODS, Path.of("METHODS.md"));
  }

  @Test
  void roomsStandInOneOrder() {
    LayerRules.assertNoCycles("dev.tutti.cascade", CascadeCatalog.class);
    LayerRules.assertApiIsTheWire(
        "dev.tutti.cascade", List.of("answer", "cache", "solution", "study"));
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
