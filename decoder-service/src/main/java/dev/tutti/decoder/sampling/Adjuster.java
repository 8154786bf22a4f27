package dev.tutti.decoder.sampling;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.PieceCounts;
import dev.tutti.decoder.Prefix;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.bytes.ByteSymbols;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Applies the adjustments of one answer to distributions over whatever vocabularies it is drawn
 * from. Thread-safe.
 */
final class Adjuster {

  private final Adjustments adjustments;
  // Texts in bytes, each a character (Latin-1).
  private final Map<String, Double> texts = new HashMap<>();
  // Of the prefix that was adjusted for last.
  private final PieceCounts counts = new PieceCounts();

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
    if (vocabulary == ByteSymbols.ALL) {
      // A byte without any mass is none that somebody could write.
      biases.keySet().removeIf(symbol -> distribution.probability(symbol) == 0);
    }
    Map<Integer, Double> logits = new HashMap<>(biases);
    penalties(vocabulary, prefix).forEach((t, penalty) -> logits.merge(t, -penalty, Double::sum));
    boolean forced = biases.values().stream().anyMatch(bias -> bias >= Adjustments.FORCED);
    // A penalty that takes back as much as the bias gives does not lift a ban.
    logits
        .entrySet()
        .removeIf(each -> each.getValue() == 0 && isPlain(biases.getOrDefault(each.getKey(), 0.0)));
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

  private static boolean isPlain(double bias) {
    return bias > Adjustments.BANNED && bias < Adjustments.FORCED;
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
    boolean end = false;
    for (int t = 0; t < weights.length; t++) {
      double bias = biases.getOrDefault(t, 0.0);
      end |= vocabulary.isEnd(t);
      if (forced ? bias >= Adjustments.FORCED : vocabulary.isEnd(t) && bias > Adjustments.BANNED) {
        weights[t] = 1;
        left = true;
      }
    }
    if (!left) {
      throw new NothingLeftException(end);
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
    if (texts.isEmpty()) {
      return biases;
    }
    Spellings spellings = Spellings.of(vocabulary);
    for (var text : texts.entrySet()) {
      String spelled = text.getKey();
      if (vocabulary == ByteSymbols.ALL && Adjustments.endsInPart(spelled)) {
        continue;
      }
      int least = Math.max(0, spelled.length() - spellings.longest());
      for (int begun = least; begun < spelled.length(); begun++) {
        if (prefix.endsWith(spelled, begun)) {
          for (int token : spellings.tokens(spelled.substring(begun))) {
            biases.merge(token, text.getValue(), Double::sum);
          }
        }
      }
    }
    return biases;
  }

  /** What is taken off; bytes are no pieces, or each letter would be a repetition. */
  private synchronized Map<Integer, Double> penalties(Vocabulary vocabulary, Prefix prefix) {
    var penalties = new HashMap<Integer, Double>();
    if (adjustments.penalises() && vocabulary != ByteSymbols.ALL) {
      Spellings spellings = Spellings.of(vocabulary);
      counts
          .of(prefix)
          .forEach(
              (piece, count) -> {
                for (int token : spellings.tokens(piece)) {
                  penalties.put(token, adjustments.penalty(count));
                }
              });
    }
    return penalties;
  }
}
