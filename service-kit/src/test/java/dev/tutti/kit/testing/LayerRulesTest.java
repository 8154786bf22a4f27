package dev.tutti.kit.testing;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.kit.grpc.CatalogMethodService;
import dev.tutti.kit.grpc.RecipeGeneration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerRulesTest {

  @Test
  void roomsOfTheKitNeedEachOtherInOneDirection() {
    // What serves a catalog over gRPC, whose failures the catalog has.
    LayerRules.assertNoCycles("dev.tutti.kit", CatalogMethodService.class, RecipeGeneration.class);
  }

  @Test
  void longFilesAreNamed(@TempDir Path sources) throws IOException {
    Path file = Files.createDirectories(sources.resolve("a")).resolve("B.java");
    Files.write(file, Collections.nCopies(LayerRules.MOST_LINES, "// a line"));
    LayerRules.assertSmall(sources);
    Files.write(file, Collections.nCopies(LayerRules.MOST_LINES + 1, "// a line"));
    var e = assertThrows(AssertionError.class, () -> LayerRules.assertSmall(sources));
    assertTrue(e.getMessage().contains("B.java=351"), e.getMessage());
  }
}
