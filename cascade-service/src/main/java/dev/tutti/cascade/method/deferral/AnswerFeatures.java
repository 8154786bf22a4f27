package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.method.confidence.Confidence;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.SamplingChange;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a head looks at before the next member is asked: numbers of the latest answer alone. What is
 * not told is NaN; log-probabilities count as {@value #LEAST} where they are less.
 */
enum AnswerFeatures {
  /**
   * Sum, mean and least log-probability, the three as probabilities, mean and least distance to
   * uniform, margin and entropy over the options; then the question's place ({@link QuestionAxes}).
   */
  SIGNALS(SamplingChange.NONE),
  /**
   * Quantiles 0, .1, ... 1 of the tokens' log-probabilities, interpolated where there are fewer
   * tokens, then their sum, mean and number.
   */
  QUANTILES(new SamplingChange(OptionalDouble.empty(), OptionalInt.empty(), true));

  private static final int TENTHS = 10;
  private static final double LEAST = -50;

  private final SamplingChange sampling;

  AnswerFeatures(SamplingChange sampling) {
    this.sampling = sampling;
  }

  /** What answers must be asked for so that they tell it. */
  SamplingChange sampling() {
    return sampling;
  }

  /**
   * The features, equally many of every answer; empty where the answer tells nothing of itself, or
   * the question's place belongs to them and is not known.
   */
  Optional<float[]> of(AnswerSignals signals, Optional<float[]> place) {
    return this == SIGNALS ? place.flatMap(its -> signals(signals, its)) : quantiles(signals);
  }

  private static Optional<float[]> signals(AnswerSignals signals, float[] place) {
    double sum = bounded(signals.sumLogprob());
    double mean = bounded(signals.meanLogprob());
    double min = bounded(signals.minLogprob());
    double[] told = {
      sum,
      mean,
      min,
      Math.exp(sum),
      Math.exp(mean),
      Math.exp(min),
      signals.meanDistanceToUniform().orElse(Double.NaN),
      signals.minDistanceToUniform().orElse(Double.NaN),
      signals.optionMargin().orElse(Double.NaN),
      Confidence.ENTROPY.of(signals).orElse(Double.NaN)
    };
    if (Arrays.stream(told).allMatch(Double::isNaN)) {
      return Optional.empty();
    }
    var features = new float[told.length + place.length];
    for (int i = 0; i < told.length; i++) {
      features[i] = (float) told[i];
    }
    System.arraycopy(place, 0, features, told.length, place.length);
    return Optional.of(features);
  }

  private static Optional<float[]> quantiles(AnswerSignals signals) {
    List<Double> tokens = signals.tokenLogprobs();
    if (tokens.isEmpty() || tokens.stream().anyMatch(token -> token.isNaN())) {
      return Optional.empty();
    }
    double[] rising =
        tokens.stream().mapToDouble(token -> Math.max(LEAST, token)).sorted().toArray();
    var features = new float[TENTHS + 4];
    for (int tenth = 0; tenth <= TENTHS; tenth++) {
      double place = (rising.length - 1) * tenth / (double) TENTHS;
      int below = (int) place;
      double above = rising[Math.min(below + 1, rising.length - 1)];
      features[tenth] = (float) (rising[below] + (place - below) * (above - rising[below]));
    }
    double sum = signals.sumLogprob().orElse(Double.NaN);
    double mean = signals.meanLogprob().orElse(Double.NaN);
    features[TENTHS + 1] = (float) bounded(signals.sumLogprob());
    features[TENTHS + 2] = (float) bounded(signals.meanLogprob());
    // A list that was recorded by its quantiles tells no number of tokens.
    features[TENTHS + 3] = Double.isFinite(sum) && mean < 0 ? Math.round(sum / mean) : Float.NaN;
    return Optional.of(features);
  }

  private static double bounded(OptionalDouble logprob) {
    return Math.max(LEAST, logprob.orElse(Double.NaN));
  }
}
