package dev.tutti.starter.train;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures the committed models again, as they are, and rewrites their manifests and the committed
 * held-out sets; trains nothing. System property: {@code tutti.starter.dir} (this module's folder).
 */
public final class Measure {

  private Measure() {}

  /** Measures every model whose folder is there. */
  public static void main(String[] args) throws Exception {
    Path resources = Train.resources();
    for (Recipe recipe : Recipes.all()) {
      Path folder = resources.resolve(recipe.name());
      if (Files.exists(folder.resolve("model.onnx"))) {
        new ModelFolder(recipe, recipe.vocabulary()).measure(folder);
      }
    }
    HeldOut.writeAll(resources.resolve("eval"));
  }
}
