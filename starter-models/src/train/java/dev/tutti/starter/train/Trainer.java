package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Adam;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.network.Batch;
import dev.tutti.starter.train.network.Network;
import dev.tutti.starter.train.network.Weights;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Trains one recipe to its end: resumes from the last checkpoint, writes one every fifty updates
 * and when the process is told to stop, prints loss, held-out accuracy and speed, and gives up on a
 * loss or gradient that is not finite.
 */
final class Trainer {

  private static final int CHECKPOINT_EVERY = 50;
  private static final int REPORTS = 20;

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;
  private final Architecture architecture;
  private final Network network;
  private final Path folder;
  private final Weights first;
  private volatile boolean stopping;

  /**
   * A trainer.
   *
   * @param folder where checkpoints go
   * @param first the weights that it starts from
   */
  Trainer(Recipe recipe, BpeVocabulary vocabulary, Path folder, Weights first) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
    this.architecture = recipe.architecture(vocabulary);
    this.network = new Network(architecture);
    this.folder = folder;
    this.first = first;
  }

  /**
   * The trained weights.
   *
   * @throws ArithmeticException where the loss or the gradient is not finite
   * @throws CancellationException where the process was told to stop
   */
  Weights train() throws IOException {
    CountDownLatch saved = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(saved), "save-checkpoint");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Weights weights = run();
      Runtime.getRuntime().removeShutdownHook(hook);
      return weights;
    } finally {
      saved.countDown();
    }
  }

  private void stop(CountDownLatch saved) {
    stopping = true;
    try {
      if (!saved.await(20, TimeUnit.SECONDS)) {
        System.err.println("The last updates since the checkpoint are lost.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Weights run() throws IOException {
    Path last = folder.resolve("last.checkpoint");
    int steps = recipe.schedule().steps();
    Checkpoint state = Checkpoint.fresh(architecture, first);
    if (Files.exists(last)) {
      Checkpoint found = Checkpoint.load(last, recipe.fingerprint(), architecture);
      state = found.step() <= steps ? found : state;
    }
    System.out.printf(
        "%s: %,d parameters, %d tokens, from step %d to %d%n",
        recipe.name(), architecture.parameters(), vocabulary.size(), state.step(), steps);
    Batches batches = new Batches(recipe, vocabulary);
    Probe probe = new Probe(recipe, vocabulary);
    int every = Math.max(CHECKPOINT_EVERY, steps / REPORTS / CHECKPOINT_EVERY * CHECKPOINT_EVERY);
    double loss = 0;
    long tokens = 0;
    long since = System.nanoTime();
    for (int step = state.step() + 1; step <= steps; step++) {
      List<Batch> passes = batches.passes(step);
      Weights gradients = Weights.zeros(architecture);
      loss += gradients(state.weights(), passes, gradients, step);
      tokens += passes.stream().mapToLong(batch -> batch.ids().length).sum();
      Adam.update(
          state.weights(), gradients, state.mean(), state.square(), step, learningRates(step));
      state = state.at(step);
      if (step % CHECKPOINT_EVERY == 0 || step == steps) {
        state.save(last, recipe.fingerprint());
        if (Boolean.getBoolean("tutti.starter.snapshots")) {
          state.save(folder.resolve("step-" + step + ".checkpoint"), recipe.fingerprint());
        }
      }
      if (step % every == 0 || step == steps) {
        double seconds = (System.nanoTime() - since) / 1e9;
        System.out.printf(
            "%s step %d/%d loss %.4f held-out %s %,.0f tokens/s, %,d min to go%n",
            recipe.name(),
            step,
            steps,
            loss / every,
            probe.report(state.weights()),
            tokens / seconds,
            Math.round(seconds / every * (steps - step) / 60));
        loss = 0;
        tokens = 0;
        since = System.nanoTime();
      }
      if (stopping) {
        state.save(last, recipe.fingerprint());
        throw new CancellationException("stopped at step " + step + "; the next run resumes there");
      }
    }
    return state.weights();
  }

  private double[] learningRates(int step) {
    double full = recipe.schedule().learningRate(step);
    int inherited = recipe.parent() == null ? 0 : Recipes.named(recipe.parent()).shape().layers();
    return architecture.weights().stream()
        .mapToDouble(w -> w.isBelow(inherited) ? full * recipe.parentRate() : full)
        .toArray();
  }

  /** The mean loss of an update's rows; adds their gradient. */
  private double gradients(Weights weights, List<Batch> passes, Weights sum, int step) {
    if (passes.size() == 1) {
      return finite(network.gradients(weights, passes.getFirst(), sum), step);
    }
    long all = passes.stream().mapToLong(batch -> batch.targets().length).sum();
    Weights one = Weights.zeros(architecture);
    double loss = 0;
    for (Batch pass : passes) {
      double share = pass.targets().length / (double) all;
      loss += share * finite(network.gradients(weights, pass, one), step);
      sum.add(one, share);
    }
    return loss;
  }

  private static float finite(float loss, int step) {
    if (!Float.isFinite(loss)) {
      throw new ArithmeticException("the loss is " + loss + " at step " + step);
    }
    return loss;
  }
}
