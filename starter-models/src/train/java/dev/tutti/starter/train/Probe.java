package dev.tutti.starter.train;

import dev.tutti.starter.Task;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.onnx.DecoderExporter;
import dev.tutti.starter.train.onnx.DecoderExporter.Precision;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How good the network in training is on held-out questions, other ones than those published. */
final class Probe {

  private static final int ITEMS = 200;
  private static final long SEED = 99;

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;

  Probe(Recipe recipe, BpeVocabulary vocabulary) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
  }

  /** A figure for every task, e.g. {@code chain 81.0 % multiplication 40.5 %}. */
  String report(Weights weights) {
    byte[] model =
        DecoderExporter.export(
            recipe.name(),
            recipe.architecture(vocabulary),
            recipe.shape().attention(),
            weights,
            Precision.FP32);
    if (recipe.objective() == Recipe.Objective.STEPS) {
      return String.format(
          Locale.ROOT,
          "steps %.1f %%",
          100 * HeldOutSteps.measure(model, vocabulary, ITEMS, SEED).balancedAccuracy());
    }
    List<String> parts = new ArrayList<>();
    HeldOut heldOut = new HeldOut(ITEMS / Math.min(2, recipe.mixture().tasks().size()), SEED);
    for (Task task : recipe.mixture().tasks()) {
      double accuracy = heldOut.accuracy(task, vocabulary, recipe.shape().context(), model);
      parts.add(String.format(Locale.ROOT, "%s %.1f %%", task.name(), 100 * accuracy));
    }
    return String.join(" ", parts);
  }
}
