package dev.tutti.starter.train;

import dev.tutti.starter.TaskItem;
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
  private static final int PROBE_ITEMS = 200;
  private static final long PROBE_SEED = 99;

  private final Recipe recipe;
  private final BpeVocabulary vocabulary;
  private final Architecture architecture;
  private final Network network;
  private final Path folder;
  private volatile boolean stopping;

  /**
   * A trainer.
   *
   * @param folder where checkpoints go
   */
  Trainer(Recipe recipe, BpeVocabulary vocabulary, Path folder) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
    this.architecture = recipe.architecture(vocabulary);
    this.network = new Network(architecture);
    this.folder = folder;
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
    Checkpoint state = Checkpoint.fresh(architecture, recipe.seed());
    if (Files.exists(last)) {
      Checkpoint found = Checkpoint.load(last, recipe.fingerprint(), architecture);
      state = found.step() <= recipe.steps() ? found : state;
    }
    System.out.printf(
        "%s: %,d parameters, %d tokens, from step %d to %d%n",
        recipe.name(), architecture.parameters(), vocabulary.size(), state.step(), recipe.steps());
    Batches batches = new Batches(recipe, vocabulary);
    List<TaskItem> probe = recipe.task().heldOut(PROBE_ITEMS, PROBE_SEED);
    Weights gradients = Weights.zeros(architecture);
    double loss = 0;
    long tokens = 0;
    long since = System.nanoTime();
    for (int step = state.step() + 1; step <= recipe.steps(); step++) {
      Batch batch = batches.batch(step);
      float now = network.gradients(state.weights(), batch, gradients);
      if (!Float.isFinite(now)) {
        throw new ArithmeticException("the loss is " + now + " at step " + step);
      }
      Adam.update(
          state.weights(),
          gradients,
          state.mean(),
          state.square(),
          step,
          recipe.learningRate(step));
      loss += now;
      tokens += batch.ids().length;
      state = state.at(step);
      if (step % CHECKPOINT_EVERY == 0 || step == recipe.steps()) {
        state.save(last, recipe.fingerprint());
        if (Boolean.getBoolean("tutti.starter.snapshots")) {
          state.save(folder.resolve("step-" + step + ".checkpoint"), recipe.fingerprint());
        }
        double seconds = (System.nanoTime() - since) / 1e9;
        double right = new Probe(network, vocabulary).accuracy(state.weights(), probe);
        System.out.printf(
            "%s step %d/%d loss %.4f held-out %.1f %% %,.0f tokens/s%n",
            recipe.name(),
            step,
            recipe.steps(),
            loss / CHECKPOINT_EVERY,
            100 * right,
            tokens / seconds);
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
}
