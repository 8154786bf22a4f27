package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.StoredWeights;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Trains the starter models and writes them among the resources. System properties: {@code model}
 * (a name or {@code all}), {@code tutti.starter.dir} (this module's folder), {@code
 * tutti.starter.snapshots} (true: keep every checkpoint).
 */
public final class Train {

  private Train() {}

  /** Trains what the properties name. */
  public static void main(String[] args) throws Exception {
    configureEngine();
    String model = System.getProperty("model", "all");
    Path resources = resources();
    List<Recipe> recipes = model.equals("all") ? Recipes.all() : List.of(Recipes.named(model));
    Path checkpoints = module().resolve("target/train");
    for (Recipe recipe : recipes) {
      try {
        Weights weights = weights(recipe, checkpoints);
        new ModelFolder(recipe, recipe.vocabulary())
            .write(resources.resolve(recipe.name()), weights);
      } catch (CancellationException e) {
        System.out.println(recipe.name() + " " + e.getMessage());
        return;
      }
    }
    HeldOut.writeAll(resources.resolve("eval"));
  }

  private static Path module() {
    return Path.of(System.getProperty("tutti.starter.dir", "starter-models"));
  }

  /** Where the models and the held-out sets are committed. */
  static Path resources() {
    return module().resolve("src/main/resources/tutti/starter");
  }

  /** Trains a model to its end; where it was interrupted before, it goes on. */
  private static Weights weights(Recipe recipe, Path checkpoints) throws IOException {
    BpeVocabulary vocabulary = recipe.vocabulary();
    Architecture architecture = recipe.architecture(vocabulary);
    long seed = recipe.schedule().seed();
    Weights first =
        recipe.parent() == null
            ? Weights.fresh(architecture, seed)
            : Weights.above(architecture, parent(recipe, checkpoints), seed);
    return new Trainer(recipe, vocabulary, checkpoints.resolve(recipe.name()), first).train();
  }

  /** Those of the committed model where the parent is one; else it is trained first. */
  private static Weights parent(Recipe child, Path checkpoints) throws IOException {
    Recipe parent = Recipes.named(child.parent());
    if (!Recipes.all().contains(parent)) {
      return weights(parent, checkpoints);
    }
    byte[] model = Files.readAllBytes(resources().resolve(parent.name()).resolve("model.onnx"));
    return StoredWeights.read(model, parent.architecture(parent.vocabulary()));
  }

  /** Must come before the first tensor. */
  static void configureEngine() {
    // One thread: the order of additions, and with it every bit of the result, stays the same.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }
}
