package dev.tutti.starter.train;

import dev.tutti.starter.Task;
import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.tokenizer.BpeTrainer;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * All that makes a model: same recipe, same model.
 *
 * @param name of the model and its folder
 * @param task what it learns
 * @param merges of its BPE vocabulary; 0: one token a character
 * @param width of the residual stream
 * @param layers number of blocks
 * @param heads attention heads a block
 * @param inner width of the feed-forward part
 * @param seed of the first weights and of the stream of questions
 * @param steps updates
 * @param rows questions an update
 * @param learningRate after the warm-up
 * @param decay whether the learning rate falls to zero along a cosine
 */
record Recipe(
    String name,
    Task task,
    int merges,
    int width,
    int layers,
    int heads,
    int inner,
    long seed,
    int steps,
    int rows,
    double learningRate,
    boolean decay) {

  /** Longest sequence of every starter model; packed rows of this length are part of training. */
  static final int CONTEXT = 64;

  /** Every so many updates one learns from packed rows, many questions one after the other. */
  static final int PACKED_EVERY = 4;

  private static final int WARM_UP_STEPS = 50;
  private static final int CORPUS_ITEMS = 20_000;
  private static final long CORPUS_SEED = 1;

  /** The vocabulary, learned from a corpus of the task's training part. */
  BpeVocabulary vocabulary() {
    if (merges == 0) {
      return new BpeVocabulary(List.of());
    }
    SplittableRandom random = new SplittableRandom(CORPUS_SEED);
    List<String> corpus = new ArrayList<>();
    for (int i = 0; i < CORPUS_ITEMS; i++) {
      var item = task.train(random);
      corpus.add(item.prompt() + item.reference());
    }
    return BpeTrainer.train(corpus, merges);
  }

  Architecture architecture(BpeVocabulary vocabulary) {
    return new Architecture(vocabulary.size(), width, layers, heads, inner, CONTEXT);
  }

  /** The learning rate of an update, counted from 1. */
  double learningRate(int step) {
    double warm = Math.min(1, step / (double) WARM_UP_STEPS);
    double cosine = decay ? 0.5 * (1 + Math.cos(Math.PI * step / steps)) : 1;
    return learningRate * warm * cosine;
  }

  /** What a checkpoint must agree in. Without decay, more steps continue the same run. */
  String fingerprint() {
    Recipe comparable =
        new Recipe(
            name,
            task,
            merges,
            width,
            layers,
            heads,
            inner,
            seed,
            decay ? steps : 0,
            rows,
            learningRate,
            decay);
    return comparable.toString().replaceAll("task=[^,]*", "task=" + task.name());
  }
}
