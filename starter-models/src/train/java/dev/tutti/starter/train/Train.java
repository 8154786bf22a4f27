package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
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
    Path module = Path.of(System.getProperty("tutti.starter.dir", "starter-models"));
    Path resources = module.resolve("src/main/resources/tutti/starter");
    List<Recipe> recipes = model.equals("all") ? Recipes.all() : List.of(Recipes.named(model));
    for (Recipe recipe : recipes) {
      BpeVocabulary vocabulary = recipe.vocabulary();
      Path folder = module.resolve("target/train").resolve(recipe.name());
      Weights weights;
      try {
        weights = new Trainer(recipe, vocabulary, folder).train();
      } catch (CancellationException e) {
        System.out.println(recipe.name() + " " + e.getMessage());
        return;
      }
      new ModelFolder(recipe, vocabulary).write(resources.resolve(recipe.name()), weights);
      HeldOut.COMMITTED.write(
          resources.resolve("eval").resolve(recipe.task().name() + ".jsonl"), recipe.task());
    }
  }

  /** Must come before the first tensor. */
  static void configureEngine() {
    // One thread: the order of additions, and with it every bit of the result, stays the same.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", "1");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }
}
