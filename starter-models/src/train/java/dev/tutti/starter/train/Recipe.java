package dev.tutti.starter.train;

import dev.tutti.starter.train.network.Architecture;
import dev.tutti.starter.train.onnx.DecoderExporter.Attention;
import dev.tutti.starter.train.tokenizer.BpeTrainer;
import dev.tutti.starter.train.tokenizer.BpeVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * All that makes a model: same recipe, same model.
 *
 * @param name of the model and its folder
 * @param mixture what it learns
 * @param objective what of it is to be predicted
 * @param parent name of the recipe whose weights it starts from; null: fresh ones
 * @param parentRate how fast the parent's blocks and embedding learn, as a share of the learning
 *     rate
 * @param shape its vocabulary and network
 * @param schedule its updates
 */
record Recipe(
    String name,
    Mixture mixture,
    Objective objective,
    String parent,
    double parentRate,
    Shape shape,
    Schedule schedule) {

  /** What the network learns to predict. */
  enum Objective {
    /** The answers and their ends. */
    ANSWERS,
    /**
     * Behind every character of the written steps, whether all is right so far. For the first
     * updates, though, which character should stand there, and in some of the questions to the end:
     * labels alone destroy what the parent knows before they learn to use it.
     */
    STEPS
  }

  /**
   * Vocabulary and network.
   *
   * @param merges of the BPE vocabulary; 0: one token a character
   * @param corpusSeed of the texts that the merges are learned from
   * @param width of the residual stream
   * @param layers number of blocks
   * @param heads attention heads a block
   * @param inner width of the feed-forward part
   * @param context longest sequence; packed rows of this length are part of training
   * @param attention the operators it is exported with
   */
  record Shape(
      int merges,
      long corpusSeed,
      int width,
      int layers,
      int heads,
      int inner,
      int context,
      Attention attention) {

    /** What a checkpoint must agree in: all but how it is exported. */
    @Override
    public String toString() {
      return "%d merges of corpus %d, %d wide, %d layers of %d heads, %d inner, context %d"
          .formatted(merges, corpusSeed, width, layers, heads, inner, context);
    }
  }

  /**
   * Updates.
   *
   * @param seed of the first weights and of the stream of questions
   * @param steps updates
   * @param rows questions an update
   * @param rowsAPass how many of them, of like length, go through the network at once; the update
   *     is the same but for rounding
   * @param learningRate after the warm-up
   * @param horizon update at which the learning rate would reach zero along a cosine; more than
   *     steps for a model that is left under-trained, 0 for a rate that stays
   */
  record Schedule(long seed, int steps, int rows, int rowsAPass, double learningRate, int horizon) {

    private static final int WARM_UP_STEPS = 50;

    /** The learning rate of an update, counted from 1. */
    double learningRate(int step) {
      double warm = Math.min(1, step / (double) WARM_UP_STEPS);
      double cosine = horizon > 0 ? 0.5 * (1 + Math.cos(Math.PI * step / horizon)) : 1;
      return learningRate * warm * cosine;
    }
  }

  /** Every so many updates one learns from packed rows, many questions one after the other. */
  static final int PACKED_EVERY = 4;

  /** With the objective {@link Objective#STEPS}, so many updates learn the right characters. */
  static final int RESTORING_STEPS = 800;

  /** After that, one question in so many goes on to learn the right characters. */
  static final int RESTORING_EVERY = 4;

  /** With the objective {@link Objective#STEPS}, so many updates see slips of the common kinds. */
  static final int EASY_STEPS = 1_400;

  private static final int CORPUS_ITEMS = 20_000;

  /** The vocabulary, learned from a corpus of the tasks' training parts. */
  BpeVocabulary vocabulary() {
    if (shape.merges == 0) {
      return new BpeVocabulary(List.of());
    }
    SplittableRandom random = new SplittableRandom(shape.corpusSeed);
    List<String> corpus = new ArrayList<>();
    for (int i = 0; i < CORPUS_ITEMS; i++) {
      var item = mixture.train(random);
      corpus.add(item.prompt() + item.answer());
    }
    return BpeTrainer.train(corpus, shape.merges);
  }

  Architecture architecture(BpeVocabulary vocabulary) {
    return new Architecture(
        vocabulary.size(), shape.width, shape.layers, shape.heads, shape.inner, shape.context);
  }

  /** What a checkpoint must agree in. More steps to the same horizon continue the same run. */
  String fingerprint() {
    Schedule comparable =
        new Schedule(
            schedule.seed,
            0,
            schedule.rows,
            schedule.rowsAPass,
            schedule.learningRate,
            schedule.horizon);
    return new Recipe(name, mixture, objective, parent, parentRate, shape, comparable).toString();
  }
}
