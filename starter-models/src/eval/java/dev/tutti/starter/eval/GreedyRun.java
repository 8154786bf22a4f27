package dev.tutti.starter.eval;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Greedy answers to many questions at once, by one model or by several that share a vocabulary, the
 * mean of whose next-token distributions then decides (GaC, arXiv:2406.12585).
 */
public final class GreedyRun {

  private static final int ROWS = 128;

  private final List<OnnxDecoder> members;
  private final int bos;
  private final int eos;
  private final int context;

  /**
   * A run over these members.
   *
   * @param context longest sequence that all of them take; an answer that reaches it is cut off
   */
  public GreedyRun(List<OnnxDecoder> members, int bos, int eos, int context) {
    this.members = List.copyOf(members);
    this.bos = bos;
    this.eos = eos;
    this.context = context;
  }

  /**
   * Answers every prompt.
   *
   * @param prompts token ids, without the begin token
   * @param maxTokens where an answer is cut off
   */
  public List<Answer> answer(List<int[]> prompts, int maxTokens) throws OrtException {
    Map<Integer, List<Integer>> byLength = new TreeMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      byLength.computeIfAbsent(prompts.get(i).length, any -> new ArrayList<>()).add(i);
    }
    Answer[] answers = new Answer[prompts.size()];
    for (List<Integer> alike : byLength.values()) {
      for (int from = 0; from < alike.size(); from += ROWS) {
        List<Integer> part = alike.subList(from, Math.min(alike.size(), from + ROWS));
        List<Answer> rows = rows(part.stream().map(prompts::get).toList(), maxTokens);
        for (int i = 0; i < rows.size(); i++) {
          answers[part.get(i)] = rows.get(i);
        }
      }
    }
    return List.of(answers);
  }

  /** Prompts of one length: nothing is padded. */
  private List<Answer> rows(List<int[]> prompts, int maxTokens) throws OrtException {
    int rows = prompts.size();
    long[][] ids = new long[rows][];
    for (int r = 0; r < rows; r++) {
      ids[r] =
          IntStream.concat(IntStream.of(bos), Arrays.stream(prompts.get(r)))
              .asLongStream()
              .toArray();
    }
    List<OnnxDecoder.Sequences> open = new ArrayList<>();
    try {
      members.forEach(member -> open.add(member.open(rows)));
      return steps(open, ids, Math.min(maxTokens, context - ids[0].length));
    } finally {
      open.forEach(OnnxDecoder.Sequences::close);
    }
  }

  private List<Answer> steps(List<OnnxDecoder.Sequences> open, long[][] prompt, int maxTokens)
      throws OrtException {
    int rows = prompt.length;
    int[][] tokens = new int[rows][maxTokens];
    int[] lengths = new int[rows];
    double[] logprobs = new double[rows];
    boolean[] ended = new boolean[rows];
    int running = rows;
    long[][] ids = prompt;
    for (int s = 0; s <= maxTokens && running > 0; s++) {
      double[][] mean = null;
      for (OnnxDecoder.Sequences member : open) {
        mean = add(mean, member.append(ids));
      }
      ids = new long[rows][1];
      for (int r = 0; r < rows; r++) {
        int best = best(mean[r]);
        ids[r][0] = best;
        if (ended[r]) {
          continue;
        }
        if (best == eos || s < maxTokens) {
          logprobs[r] += Math.log(mean[r][best] / open.size());
        }
        if (best == eos) {
          ended[r] = true;
          running--;
        } else if (s < maxTokens) {
          tokens[r][lengths[r]++] = best;
        }
      }
    }
    List<Answer> answers = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      answers.add(new Answer(Arrays.copyOf(tokens[r], lengths[r]), logprobs[r], ended[r]));
    }
    return answers;
  }

  private static double[][] add(double[][] sum, float[][][] logits) {
    double[][] total = sum == null ? new double[logits.length][logits[0][0].length] : sum;
    for (int r = 0; r < logits.length; r++) {
      float[] last = logits[r][logits[r].length - 1];
      double highest = Double.NEGATIVE_INFINITY;
      for (float logit : last) {
        highest = Math.max(highest, logit);
      }
      double partition = 0;
      for (float logit : last) {
        partition += Math.exp(logit - highest);
      }
      for (int t = 0; t < last.length; t++) {
        total[r][t] += Math.exp(last[t] - highest) / partition;
      }
    }
    return total;
  }

  private static int best(double[] values) {
    int best = 0;
    for (int t = 1; t < values.length; t++) {
      best = values[t] > values[best] ? t : best;
    }
    return best;
  }
}
