package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.StoredWeights;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Exports the committed models anew from the weights that they store, after the exporter changed,
 * and measures them; trains nothing. System property: {@code tutti.starter.dir} (this module's
 * folder).
 */
public final class Export {

  private Export() {}

  /** Exports every model whose folder is there. */
  public static void main(String[] args) throws Exception {
    Path resources = Train.resources();
    for (Recipe recipe : Recipes.all()) {
      Path folder = resources.resolve(recipe.name());
      Path model = folder.resolve("model.onnx");
      if (Files.exists(model)) {
        Weights weights =
            StoredWeights.read(Files.readAllBytes(model), recipe.architecture(recipe.vocabulary()));
        new ModelFolder(recipe, recipe.vocabulary()).write(folder, weights);
      }
    }
  }
}
