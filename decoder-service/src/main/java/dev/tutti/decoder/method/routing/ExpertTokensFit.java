package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.decoder.method.routing.ExpertTrials.Place;
import dev.tutti.kit.settings.MethodDefinition.Members;
import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.FittedMethod;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How ETR's expert tokens are fitted: the rows of the experts only, by Adam, from the mean of the
 * meta model's output embeddings. With {@code P = softmax([W_lm; W_E] h)}, minimised is the mean of
 * {@code -ln sum_(i right) P_i}, where the meta model stands for all tokens of its own; so {@code
 * dL/dw_e = (P_e - [e right] P_e / sum_(i right) P_i) h}. That is the paper's cross-entropy where
 * one expert is right and the meta model is not.
 *
 * <p>Departures from the paper: it learns from questions where an expert beats the meta model, here
 * those where the meta model is right and an expert is not teach too, and so does one place behind
 * the first token of each, which the meta model that came so far keeps; where all are right, or
 * nobody is, nothing is learned. No weight decay.
 */
public final class ExpertTokensFit
    implements FittedMethod<ExpertTrials, LearnedEnsemble, ExpertTokensFit.Settings> {

  /** Name of the method. */
  public static final String NAME = "etr";

  /** Where it comes from. */
  public static final String PAPER =
      "Chai et al. 2024, An Expert is Worth One Token: Synergizing Multiple Expert LLMs as"
          + " Generalist via Expert Token Routing, https://arxiv.org/abs/2403.16854";

  /**
   * Settings of the fit.
   *
   * @param canonical form in which answers are compared
   * @param questions most that are answered by all members
   * @param rate of Adam
   * @param batch places a step of the descent
   * @param epochs times that all places are gone through
   */
  public record Settings(
      @Setting(
              help =
                  "form in which answers are compared: the final number, the letter of an option,"
                      + " words; auto takes the one that the reference plainly has")
          AnswerForm canonical,
      @Setting(
              help = "most questions that all members answer, which is what is learned from",
              min = 1,
              max = 100_000)
          int questions,
      @Setting(help = "length of a step of the descent (Adam)", min = 1e-8, max = 1) double rate,
      @Setting(help = "places in a step of the descent", min = 1, max = 100_000) int batch,
      @Setting(help = "times that all places are gone through", min = 1, max = 10_000) int epochs) {

    /** For models of a few hundred numbers a state; the paper's 5 epochs are for thousands. */
    public static final Settings DEFAULTS = new Settings(AnswerForm.AUTO, 3_000, 1e-2, 80, 40);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String paper() {
    return PAPER;
  }

  @Override
  public Settings defaults() {
    return Settings.DEFAULTS;
  }

  @Override
  public Members members() {
    return new Members(2, 16);
  }

  @Override
  public ExpertTokens fit(ExpertTrials data, Settings settings, RandomGenerator random) {
    if (data.places().isEmpty()) {
      throw new IllegalArgumentException(
          "No question with a reference is answered right by some members and wrong by others.");
    }
    int experts = data.members().size() - 1;
    int width = data.start().length;
    var rows = new double[experts * width];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = data.start()[i % width];
    }
    var adam = new Adam(rows, settings.rate(), 0);
    int size = data.places().size();
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      int[] order = Shuffle.of(size, random);
      for (int from = 0; from < size; from += settings.batch()) {
        Interruption.check();
        int to = Math.min(size, from + settings.batch());
        for (int i = from; i < to; i++) {
          learn(rows, data.places().get(order[i]), 1.0 / (to - from), adam.gradient());
        }
        adam.step();
      }
    }
    var learned = new Matrix(experts, width);
    for (int i = 0; i < rows.length; i++) {
      learned.values()[i] = (float) rows[i];
    }
    return new ExpertTokens(data.members(), learned);
  }

  /**
   * {@code -ln sum_(i right) P_i} of a place, nats; adds its gradient.
   *
   * @param rows of the experts, one after the other
   * @param gradient of the same shape
   */
  static double learn(double[] rows, Place place, double share, double[] gradient) {
    int width = place.hidden().length;
    int experts = rows.length / width;
    var logits = new double[experts + 1];
    logits[0] = place.logSum();
    for (int e = 0; e < experts; e++) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += rows[e * width + i] * place.hidden()[i];
      }
      logits[e + 1] = sum;
    }
    double most = Arrays.stream(logits).max().orElseThrow();
    double all = 0;
    double right = 0;
    for (int m = 0; m < logits.length; m++) {
      double p = Math.exp(logits[m] - most);
      all += p;
      right += place.right()[m] ? p : 0;
    }
    for (int e = 0; e < experts; e++) {
      double p = Math.exp(logits[e + 1] - most);
      double slope = p / all - (place.right()[e + 1] ? p / Math.max(right, 1e-300) : 0);
      for (int i = 0; i < width; i++) {
        gradient[e * width + i] += share * slope * place.hidden()[i];
      }
    }
    return Math.log(all) - Math.log(right);
  }

  @Override
  public ExpertTokens read(Parameters parameters) {
    return new ExpertTokens(parameters);
  }

  @Override
  public Parameters parameters(LearnedEnsemble learned) {
    return learned.parameters();
  }
}
