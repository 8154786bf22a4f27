package dev.tutti.cascade.method.confidence;

import dev.tutti.kit.calls.AnswerOptions;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.SamplingChange;
import java.util.OptionalDouble;
import java.util.function.Function;

/** How sure a member is of its own answer, in [0, 1], read from the answer's signals. */
public enum Confidence {
  /**
   * Probability that the model gave to its whole answer, {@code exp(sum log p)}: MaxProb with the
   * answers as the classes. Falls with the length of the answer (Chow-Sum of Gupta et al. 2024).
   */
  MAXPROB(AnswerSignals::sumLogprob, true),
  /** Geometric mean of the tokens' probabilities, {@code exp(mean log p)}: Chow-Average. */
  MEAN_TOKEN_PROB(AnswerSignals::meanLogprob, true),
  /** Probability of the least probable token, {@code exp(min log p)}: Chow-Quantile at 0. */
  MIN_TOKEN_PROB(AnswerSignals::minLogprob, true),
  /**
   * Distance to uniform, {@code ||p - u||_2 / sqrt(1 - 1/V)}, its mean over the tokens. The card
   * leaves the norm open; the Euclidean one divided by its greatest value is its default.
   */
  DTU(AnswerSignals::meanDistanceToUniform, false),
  /** The least distance to uniform over the tokens. */
  MIN_DTU(AnswerSignals::minDistanceToUniform, false),
  /**
   * Probability of the option that is answered less that of the next one, {@code p(1) - p(2)}, over
   * the options of a choice, or the alternatives of the first token where there are none.
   */
  MARGIN(AnswerSignals::optionMargin, false),
  /** {@code exp(-H)}, H the entropy over those options: 1 over how many it is divided between. */
  ENTROPY(its -> its.optionEntropy().stream().map(h -> -h).findFirst(), true);

  private final Function<AnswerSignals, OptionalDouble> signal;
  private final boolean logarithmic;

  Confidence(Function<AnswerSignals, OptionalDouble> signal, boolean logarithmic) {
    this.signal = signal;
    this.logarithmic = logarithmic;
  }

  /** What answers must be asked for to carry its signal. */
  public SamplingChange sampling() {
    return this == MARGIN || this == ENTROPY
        ? SamplingChange.alternatives(AnswerOptions.ALTERNATIVES)
        : SamplingChange.NONE;
  }

  /** The confidence, in [0, 1]; empty where its signal is missing or not a number. */
  public OptionalDouble of(AnswerSignals signals) {
    OptionalDouble raw = signal.apply(signals);
    if (raw.isEmpty() || Double.isNaN(raw.getAsDouble())) {
      return OptionalDouble.empty();
    }
    double value = logarithmic ? Math.exp(raw.getAsDouble()) : raw.getAsDouble();
    // A log-probability may be a rounding error above 0.
    return OptionalDouble.of(Math.clamp(value, 0.0, 1.0));
  }
}
