package dev.tutti.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.settings.MethodDefinition;
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

  /** Who is left out here is handed tools, and refuses them. */
  @Test
  void whoRewritesPromptsSaysSo() {
    assertEquals(
        List.of(
            "debate",
            "dylan",
            "llm-blender",
            "mixture-of-agents",
            "prompt-vote",
            "reconcile",
            "self-moa",
            "urg"),
        FusionCatalog.METHODS.definitions().stream()
            .filter(MethodDefinition::rewrites)
            .map(MethodDefinition::name)
            .toList());
  }

  @Test
  void roomsStandInOneOrder() {
    LayerRules.assertNoCycles("dev.tutti.fusion", FusionCatalog.class, DeliberationCatalog.class);
    LayerRules.assertApiIsTheWire("dev.tutti.fusion", List.of("answer"));
    LayerRules.assertSmall(Path.of("src/main/java"));
  }
}
