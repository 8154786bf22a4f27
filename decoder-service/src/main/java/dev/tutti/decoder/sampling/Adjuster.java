package dev.tutti.decoder.sampling;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.bytes.ByteSymbols;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies the adjustments of one answer to distributions over whatever vocabularies it is drawn
 * from. Thread-safe.
 */
final class Adjuster {

  /** A step's own vocabulary is not seen again. */
  private static final int MOST_INDEXES = 16;

  private final Adjustments adjustments;
  // Texts in bytes, each a character (Latin-1).
  private final Map<String, Double> texts = new HashMap<>();
  // By vocabulary: the tokens that spell a piece.
  private final Map<Vocabulary, Map<String, List<Integer>>> indexes = new IdentityHashMap<>();

  Adjuster(Adjustments adjustments) {
    this.adjustments = adjustments;
    adjustments
        .textBias()
        .forEach(
            (text, bias) ->
                texts.put(
                    new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1),
                    bias));
  }

  boolean isNothing() {
    return adjustments.isNothing();
  }

  /**
   * The distribution after the adjustments; itself where they change nothing.
   *
   * @param prefix what stands before
   * @throws NothingLeftException where all of its mass is banned, and the end as well
   */
  Distribution adjusted(Distribution distribution, Vocabulary vocabulary, Prefix prefix) {
    Map<Integer, Double> biases = biases(vocabulary, prefix);
    Map<Integer, Double> logits = new HashMap<>(biases);
    penalties(vocabulary, prefix).forEach((t, penalty) -> logits.merge(t, -penalty, Double::sum));
    boolean forced = biases.values().stream().anyMatch(bias -> bias >= Adjustments.FORCED);
    logits.values().removeIf(logit -> logit == 0);
    if (logits.isEmpty() && !forced) {
      return distribution;
    }
    var weights = forced ? new double[distribution.size()] : distribution.probabilities().clone();
    logits.keySet().forEach(t -> weights[t] = 0);
    // The greatest logit is 0 after the shift, so that nothing overflows, nor everything
    // underflows.
    double shift = Double.NEGATIVE_INFINITY;
    for (double weight : weights) {
      shift = Math.max(shift, weight);
    }
    shift = Math.log(Math.max(0, shift));
    var shifted = new HashMap<Integer, Double>();
    for (var each : logits.entrySet()) {
      double bias = biases.getOrDefault(each.getKey(), 0.0);
      if (forced ? bias >= Adjustments.FORCED : bias > Adjustments.BANNED) {
        double logit = distribution.logProbability(each.getKey()) + each.getValue();
        shifted.put(each.getKey(), logit);
        shift = Math.max(shift, logit);
      }
    }
    return shift == Double.NEGATIVE_INFINITY
        ? impossible(distribution.size(), vocabulary, biases, forced)
        : scaled(weights, shifted, shift);
  }

  private static Distribution scaled(double[] weights, Map<Integer, Double> logits, double shift) {
    double greatest = Math.exp(shift);
    for (int t = 0; t < weights.length; t++) {
      weights[t] = weights[t] > 0 ? weights[t] / greatest : 0;
    }
    logits.forEach((t, logit) -> weights[t] = Math.exp(logit - shift));
    return distribution(weights);
  }

  /** No token that is left has any mass: those that are forced, or an end that is not banned. */
  private static Distribution impossible(
      int size, Vocabulary vocabulary, Map<Integer, Double> biases, boolean forced) {
    var weights = new double[size];
    boolean left = false;
    for (int t = 0; t < weights.length; t++) {
      double bias = biases.getOrDefault(t, 0.0);
      if (forced ? bias >= Adjustments.FORCED : vocabulary.isEnd(t) && bias > Adjustments.BANNED) {
        weights[t] = 1;
        left = true;
      }
    }
    if (!left) {
      throw new NothingLeftException();
    }
    return distribution(weights);
  }

  private static Distribution distribution(double[] weights) {
    double sum = Arrays.stream(weights).sum();
    for (int t = 0; t < weights.length; t++) {
      weights[t] /= sum;
    }
    var adjusted = new Distribution(weights.length);
    adjusted.setProbabilities(weights);
    return adjusted;
  }

  private Map<Integer, Double> biases(Vocabulary vocabulary, Prefix prefix) {
    var biases = new HashMap<>(adjustments.tokenBias());
    for (var text : texts.entrySet()) {
      String spelled = text.getKey();
      for (int begun = 0; begun < spelled.length(); begun++) {
        if (prefix.endsWith(spelled, begun)) {
          for (int token : tokens(vocabulary, spelled.substring(begun))) {
            biases.merge(token, text.getValue(), Double::sum);
          }
        }
      }
    }
    return biases;
  }

  /** What is taken off; bytes are no pieces, or each letter would be a repetition. */
  private Map<Integer, Double> penalties(Vocabulary vocabulary, Prefix prefix) {
    var penalties = new HashMap<Integer, Double>();
    if (adjustments.penalises() && vocabulary != ByteSymbols.ALL) {
      prefix
          .counts()
          .forEach(
              (piece, count) ->
                  tokens(vocabulary, piece)
                      .forEach(t -> penalties.put(t, adjustments.penalty(count))));
    }
    return penalties;
  }

  private List<Integer> tokens(Vocabulary vocabulary, String piece) {
    return index(vocabulary).getOrDefault(piece, List.of());
  }

  private synchronized Map<String, List<Integer>> index(Vocabulary vocabulary) {
    Map<String, List<Integer>> known = indexes.get(vocabulary);
    if (known != null) {
      return known;
    }
    if (indexes.size() == MOST_INDEXES) {
      indexes.clear();
    }
    var index = new HashMap<String, List<Integer>>();
    for (int t = 0; t < vocabulary.size(); t++) {
      if (!vocabulary.isSpecial(t) && !vocabulary.isEnd(t)) {
        String piece = new String(vocabulary.bytes(t), StandardCharsets.ISO_8859_1);
        index.computeIfAbsent(piece, _ -> new ArrayList<>(1)).add(t);
      }
    }
    indexes.put(vocabulary, index);
    return index;
  }
}
