package dev.tutti.decoder.method.token;

import dev.tutti.decoder.PromptReading;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * PackLLM's weights by optimisation: one member after the other is folded into a mixture of logits,
 * by the weight out of a grid that makes the prompt most probable. It looks at places of the prompt
 * where all members begin a token of the same text.
 */
final class PromptFold {

  /** Parts of the grid {0, .05, .., 1}. */
  private static final int GRID = 20;

  private final UnionVocabulary union;
  private final MinimumEdits edits;
  private final List<Integer> order;
  private final List<Optional<PromptReading>> prompts;
  private final double[] weights;
  // [member]: the places, as indexes of its own prompt tokens.
  private final int[][] places;
  // [place]: the reference's next token, among its columns.
  private final int[] targets;

  /**
   * A fold.
   *
   * @param order members that read the prompt, the one that knows it best first
   */
  PromptFold(
      List<TokenMember> members,
      UnionVocabulary union,
      MinimumEdits edits,
      List<Integer> order,
      List<Optional<PromptReading>> prompts) {
    this.union = union;
    this.edits = edits;
    this.order = order;
    this.prompts = prompts;
    this.weights = new double[members.size()];
    this.places = new int[members.size()][];
    int reference = order.getFirst();
    Vocabulary own = members.get(reference).tokenizer();
    int[] tokens = prompts.get(reference).orElseThrow().tokens();
    byte[] text = text(own, tokens);
    Map<Integer, Integer> common = new TreeMap<>(beginnings(own, tokens));
    for (int m : order) {
      Vocabulary vocabulary = members.get(m).tokenizer();
      int[] its = prompts.get(m).orElseThrow().tokens();
      byte[] itsText = text(vocabulary, its);
      int mismatch = Arrays.mismatch(text, itsText);
      int same = mismatch < 0 ? text.length : mismatch;
      common.keySet().retainAll(beginnings(vocabulary, its).keySet());
      common
          .entrySet()
          .removeIf(at -> at.getKey() + own.bytes(tokens[at.getValue()]).length > same);
    }
    List<Integer> last = List.copyOf(common.keySet());
    last = last.subList(Math.max(0, last.size() - PackLlmEnsemble.PLACES), last.size());
    for (int m : order) {
      Map<Integer, Integer> begins =
          beginnings(members.get(m).tokenizer(), prompts.get(m).orElseThrow().tokens());
      places[m] = last.stream().mapToInt(begins::get).toArray();
    }
    targets =
        Arrays.stream(places[reference])
            .map(
                t ->
                    Arrays.binarySearch(
                        edits.columns(reference), union.shared(reference, tokens[t])))
            .toArray();
  }

  private static byte[] text(Vocabulary vocabulary, int[] tokens) {
    var text = new byte[Arrays.stream(tokens).map(t -> vocabulary.bytes(t).length).sum()];
    int at = 0;
    for (int token : tokens) {
      byte[] bytes = vocabulary.bytes(token);
      System.arraycopy(bytes, 0, text, at, bytes.length);
      at += bytes.length;
    }
    return text;
  }

  /** By how many bytes are before it: each token of the prompt that is text, but the first. */
  private static Map<Integer, Integer> beginnings(Vocabulary vocabulary, int[] tokens) {
    Map<Integer, Integer> beginnings = new HashMap<>();
    int before = 0;
    for (int t = 0; t < tokens.length; t++) {
      int length = vocabulary.bytes(tokens[t]).length;
      if (t > 0 && length > 0) {
        beginnings.put(before, t);
      }
      before += length;
    }
    return beginnings;
  }

  /** One a member; empty where the prompts have no place in common. */
  Optional<double[]> weights() {
    if (targets.length == 0) {
      return Optional.empty();
    }
    float[][] mixture = logits(order.getFirst());
    weights[order.getFirst()] = 1;
    for (int m : order.subList(1, order.size())) {
      float[][] next = logits(m);
      double lambda = lambda(mixture, next, targets);
      for (int earlier : order) {
        weights[earlier] *= lambda;
      }
      weights[m] = 1 - lambda;
      for (int at = 0; at < next.length; at++) {
        for (int i = 0; i < next[at].length; i++) {
          mixture[at][i] = (float) (lambda * mixture[at][i] + (1 - lambda) * next[at][i]);
        }
      }
    }
    return Optional.of(weights);
  }

  /** Logits up to a constant, [place][column of the reference]. */
  private float[][] logits(int member) {
    int[] nearest = edits.nearest(order.getFirst(), member);
    var found = new ArrayList<float[]>();
    var aligned = new double[union.shared().size()];
    prompts
        .get(member)
        .orElseThrow()
        .distributions(
            (token, before) -> {
              if (Arrays.binarySearch(places[member], token) >= 0) {
                union.align(member, before, aligned);
                var z = new float[nearest.length];
                for (int i = 0; i < z.length; i++) {
                  z[i] = (float) PerplexityGate.log(aligned[nearest[i]]);
                }
                found.add(z);
              }
            });
    return found.toArray(float[][]::new);
  }

  /** The weight of the mixture, the least of those that are equally good. */
  static double lambda(float[][] mixture, float[][] next, int[] targets) {
    double best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int step = 0; step <= GRID; step++) {
      double lambda = step / (double) GRID;
      double entropy = 0;
      for (int at = 0; at < targets.length; at++) {
        entropy += surprise(mixture[at], next[at], lambda, targets[at]);
      }
      if (entropy < least) {
        least = entropy;
        best = lambda;
      }
    }
    return best;
  }

  /** {@code -log softmax(lambda mixture + (1 - lambda) next)[target]}. */
  private static double surprise(float[] mixture, float[] next, double lambda, int target) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < mixture.length; i++) {
      max = Math.max(max, lambda * mixture[i] + (1 - lambda) * next[i]);
    }
    double sum = 0;
    for (int i = 0; i < mixture.length; i++) {
      sum += Math.exp(lambda * mixture[i] + (1 - lambda) * next[i] - max);
    }
    return Math.log(sum) + max - (lambda * mixture[target] + (1 - lambda) * next[target]);
  }
}
