package dev.tutti.decoder.sampling;

import dev.tutti.decoder.AnswerSource;
import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.Vocabulary;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Picks the next token, after the request's adjustments of its logits: the most probable one at
 * temperature 0, otherwise a draw from {@code p^(1/T)}, of which first only the top-k and then the
 * smallest set of at least top-p mass is kept. Confined to one thread.
 */
public final class TokenPicker implements AnswerSource.Picker {

  private final Sampling sampling;
  private final RandomGenerator random;
  private final Adjuster adjuster;
  private final Optional<Vocabulary> vocabulary;
  private Prefix prefix;
  private double[] weights = new double[0];

  /**
   * A picker at the beginning of an answer.
   *
   * @param vocabulary of what it is drawn from, where nothing else is said
   */
  public TokenPicker(Sampling sampling, Vocabulary vocabulary, RandomGenerator random) {
    this(
        sampling,
        random,
        new Adjuster(sampling.adjustments()),
        Optional.of(vocabulary),
        Prefix.EMPTY);
  }

  /**
   * A picker that does not know what tokens stand for before it is told {@link #behind}.
   *
   * @throws IllegalStateException when it is to pick before, and the sampling has adjustments
   */
  public TokenPicker(Sampling sampling, RandomGenerator random) {
    this(sampling, random, new Adjuster(sampling.adjustments()), Optional.empty(), Prefix.EMPTY);
  }

  private TokenPicker(
      Sampling sampling,
      RandomGenerator random,
      Adjuster adjuster,
      Optional<Vocabulary> vocabulary,
      Prefix prefix) {
    this.sampling = sampling;
    this.random = random;
    this.adjuster = adjuster;
    this.vocabulary = vocabulary;
    this.prefix = prefix;
  }

  /** The answer goes on with a piece. */
  void wrote(byte[] piece) {
    if (!adjuster.isNothing()) {
      prefix = prefix.with(piece);
    }
  }

  @Override
  public Distribution adjusted(Distribution distribution) {
    if (adjuster.isNothing()) {
      return distribution;
    }
    return adjuster.adjusted(
        distribution,
        vocabulary.orElseThrow(
            () -> new IllegalStateException("Nothing says what the tokens stand for.")),
        prefix);
  }

  @Override
  public boolean leaves(Distribution distribution) {
    try {
      adjusted(distribution);
      return true;
    } catch (NothingLeftException e) {
      return false;
    }
  }

  @Override
  public boolean greedy() {
    return sampling.temperature() == 0;
  }

  @Override
  public int pick(Distribution unadjusted) {
    Distribution distribution = adjusted(unadjusted);
    if (greedy()) {
      return distribution.mostProbable();
    }
    boolean all = sampling.topK().isEmpty() && sampling.topP() == 1;
    double[] tempered = temper(distribution);
    return all ? draw(tempered) : drawFrom(tempered, kept(tempered));
  }

  @Override
  public double[] shaped(Distribution unadjusted) {
    Distribution distribution = adjusted(unadjusted);
    var shaped = new double[distribution.size()];
    if (greedy()) {
      shaped[distribution.mostProbable()] = 1;
      return shaped;
    }
    double[] tempered = temper(distribution);
    if (sampling.topK().isEmpty() && sampling.topP() == 1) {
      System.arraycopy(tempered, 0, shaped, 0, shaped.length);
    } else {
      for (int token : kept(tempered)) {
        shaped[token] = tempered[token];
      }
    }
    double sum = Arrays.stream(shaped).sum();
    for (int t = 0; t < shaped.length; t++) {
      shaped[t] /= sum;
    }
    return shaped;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public TokenPicker with(double topP, RandomGenerator its) {
    return new TokenPicker(sampling.within(topP), its, adjuster, vocabulary, prefix);
  }

  @Override
  public TokenPicker greedily() {
    return new TokenPicker(sampling.at(0), random, adjuster, vocabulary, prefix);
  }

  @Override
  public Prefix prefix() {
    return prefix;
  }

  @Override
  public TokenPicker behind(Prefix other, Vocabulary its) {
    return adjuster.isNothing()
        ? this
        : new TokenPicker(sampling, random, adjuster, Optional.of(its), other);
  }

  /** {@code (p / max p)^(1/T)}: shifted by the maximum, so that it cannot underflow as a whole. */
  private double[] temper(Distribution distribution) {
    if (sampling.temperature() == 1) {
      return distribution.probabilities();
    }
    int size = distribution.size();
    if (weights.length != size) {
      weights = new double[size];
    }
    double inverse = 1 / sampling.temperature();
    double max = distribution.logProbability(distribution.mostProbable());
    for (int t = 0; t < size; t++) {
      weights[t] = Math.exp((distribution.logProbability(t) - max) * inverse);
    }
    return weights;
  }

  private int draw(double[] weight) {
    double sum = 0;
    for (double w : weight) {
      sum += w;
    }
    double mark = random.nextDouble() * sum;
    int last = -1;
    for (int t = 0; t < weight.length; t++) {
      if (weight[t] > 0) {
        last = t;
        mark -= weight[t];
        if (mark < 0) {
          return t;
        }
      }
    }
    // Rounding left a crumb: it belongs to the last possible token.
    return last;
  }

  /** The tokens that top-k and top-p keep, best first. */
  private int[] kept(double[] weight) {
    int most = sampling.topK().orElse(weight.length);
    double total = 0;
    if (sampling.topK().isEmpty()) {
      for (double w : weight) {
        total += w;
      }
    }
    int size = Math.min(most, 64);
    while (true) {
      int[] best = TopTokens.of(weight, size);
      if (sampling.topK().isPresent()) {
        if (size < Math.min(most, weight.length)) {
          size = most;
          continue;
        }
        total = sum(weight, best, best.length);
      }
      int kept = kept(weight, best, sampling.topP() * total);
      if (kept <= best.length) {
        return Arrays.copyOf(best, kept);
      }
      if (best.length == weight.length) {
        return best;
      }
      size = (int) Math.min(weight.length, size * 8L);
    }
  }

  /** How many of the best reach the mass; one more than there are where they do not. */
  private static int kept(double[] weight, int[] best, double mass) {
    double sum = 0;
    for (int i = 0; i < best.length; i++) {
      sum += weight[best[i]];
      if (sum >= mass) {
        return i + 1;
      }
    }
    return best.length + 1;
  }

  private static double sum(double[] weight, int[] tokens, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weight[tokens[i]];
    }
    return sum;
  }

  private int drawFrom(double[] weight, int[] tokens) {
    double mark = random.nextDouble() * sum(weight, tokens, tokens.length);
    for (int token : tokens) {
      mark -= weight[token];
      if (mark < 0) {
        return token;
      }
    }
    return tokens[0];
  }
}
