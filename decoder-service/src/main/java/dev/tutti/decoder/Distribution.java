package dev.tutti.decoder;

import java.util.Optional;

/**
 * How probable each token of a vocabulary is to come next. Mutable so that a session can use one
 * object for all its steps; whoever holds it only reads.
 *
 * <p>Sums are taken in double precision, logits are shifted by their maximum before the
 * exponential.
 */
public final class Distribution {

  /** Below this a probability adds less than 1e-10 nats to the entropy. */
  private static final double NEGLIGIBLE = 1e-12;

  private final double[] probabilities;
  private int mostProbable;
  private double entropy;
  private double squares;
  private double max;
  private double logSum;
  private float[] logits;

  /** An empty distribution over {@code size} tokens, to be set. */
  public Distribution(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("size = " + size + ", must be at least 1");
    }
    this.probabilities = new double[size];
  }

  /**
   * Takes the softmax of logits; {@code -Infinity} stands for the impossible.
   *
   * @param values one a token; kept until the next call
   * @throws DecodeException when one is NaN or {@code +Infinity}, or none is finite
   */
  public void setLogits(float[] values) {
    requireSize(values.length);
    int best = 0;
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new DecodeException("The logit of token " + i + " is NaN.");
      }
      if (values[i] > values[best]) {
        best = i;
      }
    }
    max = values[best];
    if (Double.isInfinite(max)) {
      throw new DecodeException("The greatest logit, of token " + best + ", is " + max + ".");
    }
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < values.length; i++) {
      double difference = values[i] - max;
      double e = Math.exp(difference);
      probabilities[i] = e;
      sum += e;
      if (e > 0) {
        weighted += e * difference;
      }
    }
    double scale = 1 / sum;
    double sumOfSquares = 0;
    for (int i = 0; i < probabilities.length; i++) {
      double p = probabilities[i] * scale;
      probabilities[i] = p;
      sumOfSquares += p * p;
    }
    logits = values;
    logSum = Math.log(sum);
    mostProbable = best;
    entropy = Math.max(0, logSum - weighted * scale);
    squares = sumOfSquares;
  }

  /**
   * Takes probabilities as they are; their sum may be below 1 where mass was lost.
   *
   * @throws DecodeException when one is NaN, infinite or negative, or all are 0
   */
  public void setProbabilities(double[] values) {
    requireSize(values.length);
    int best = 0;
    double sumOfSquares = 0;
    double sumOfLogs = 0;
    for (int i = 0; i < values.length; i++) {
      double p = values[i];
      if (!(p >= 0 && p < Double.POSITIVE_INFINITY)) {
        throw new DecodeException("The probability of token " + i + " is " + p + ".");
      }
      probabilities[i] = p;
      sumOfSquares += p * p;
      if (p > NEGLIGIBLE) {
        sumOfLogs += p * Math.log(p);
      }
      if (p > values[best]) {
        best = i;
      }
    }
    if (values[best] == 0) {
      throw new DecodeException("All " + values.length + " probabilities are 0.");
    }
    logits = null;
    mostProbable = best;
    entropy = Math.max(0, -sumOfLogs);
    squares = sumOfSquares;
  }

  /**
   * Some tokens of a larger vocabulary: they keep their probabilities, and the entropy and the
   * distance to uniform are those of the whole.
   *
   * @param kept one a token that is kept, at least one above 0
   * @param entropy of the whole, nats
   * @param distanceToUniform of the whole, in [0, 1]
   * @throws DecodeException as {@link #setProbabilities}
   */
  public static Distribution part(double[] kept, double entropy, double distanceToUniform) {
    var part = new Distribution(kept.length);
    part.setProbabilities(kept);
    part.entropy = entropy;
    double uniform = 1.0 / kept.length;
    part.squares = uniform + distanceToUniform * distanceToUniform * (1 - uniform);
    return part;
  }

  /** The same numbers in an object of the caller's own. */
  public Distribution copy() {
    var copy = new Distribution(probabilities.length);
    System.arraycopy(probabilities, 0, copy.probabilities, 0, probabilities.length);
    copy.mostProbable = mostProbable;
    copy.entropy = entropy;
    copy.squares = squares;
    copy.max = max;
    copy.logSum = logSum;
    copy.logits = logits == null ? null : logits.clone();
    return copy;
  }

  /** Number of tokens. */
  public int size() {
    return probabilities.length;
  }

  /** Probability of a token, in [0, 1]. */
  public double probability(int token) {
    return probabilities[token];
  }

  /** Natural logarithm of the probability of a token; at most 0, {@code -Infinity} for 0. */
  public double logProbability(int token) {
    return logits == null
        ? Math.min(0, Math.log(probabilities[token]))
        : Math.min(0, logits[token] - max - logSum);
  }

  /** The most probable token; the one with the lowest id where several are. */
  public int mostProbable() {
    return mostProbable;
  }

  /** Entropy in nats; at least 0. */
  public double entropy() {
    return entropy;
  }

  /**
   * {@code ||p - uniform||_2 / sqrt(1 - 1/V)} (DTU of Varshney & Baral 2022): 0 uniform, 1 certain.
   */
  public double distanceToUniform() {
    double uniform = 1.0 / probabilities.length;
    return probabilities.length == 1
        ? 1
        : Math.sqrt(Math.clamp((squares - uniform) / (1 - uniform), 0, 1));
  }

  /**
   * The logits that it was made of, by token, from which the same distribution can be made again.
   * The array is shared: leave it as it is.
   *
   * @return empty where it was made of probabilities
   */
  public Optional<float[]> logits() {
    return Optional.ofNullable(logits);
  }

  /** All probabilities, by token. The array is shared: leave it as it is. */
  public double[] probabilities() {
    return probabilities;
  }

  private void requireSize(int size) {
    if (size != probabilities.length) {
      throw new IllegalArgumentException(
          "%d values for %d tokens".formatted(size, probabilities.length));
    }
  }
}
