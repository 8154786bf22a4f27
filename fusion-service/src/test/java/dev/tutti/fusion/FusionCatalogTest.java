package dev.tutti.fusion;

import dev.tutti.kit.testing.MethodRules;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FusionCatalogTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava("dev.tutti.fusion");
  }

  @Test
  void classesCatalogAndPageAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.fusion", FusionMethod.class, FusionCatalog.METHODS, Path.of("METHODS.md"));
  }
}
