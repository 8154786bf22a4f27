package dev.tutti.cascade;

import dev.tutti.kit.testing.MethodRules;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CascadeCatalogTest {

  @Test
  void methodsArePlainJava() {
    MethodRules.assertPlainJava("dev.tutti.cascade");
  }

  @Test
  void classesCatalogAndPageAreTheSame() {
    MethodRules.assertCatalogued(
        "dev.tutti.cascade", CascadeMethod.class, CascadeCatalog.METHODS, Path.of("METHODS.md"));
  }
}
