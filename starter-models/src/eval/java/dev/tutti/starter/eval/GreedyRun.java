package dev.tutti.starter.eval;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Greedy answers to many questions at once, by one model or by several that share a vocabulary, the
 * mean of whose next-token distributions then decides (GaC, arXiv:2406.12585).
 */
public final class GreedyRun {

  private static final int ROWS = 128;

  private final List<OnnxDecoder> members;
  private final int bos;
  private final int eos;

  /** A run over these members. */
  public GreedyRun(List<OnnxDecoder> members, int bos, int eos) {
    this.members = List.copyOf(members);
    this.bos = bos;
    this.eos = eos;
  }

  /**
   * Answers every prompt.
   *
   * @param prompts token ids, without the begin token
   * @param maxTokens where an answer is cut off
   */
  public List<Answer> answer(List<int[]> prompts, int maxTokens) throws OrtException {
    List<Answer> answers = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += ROWS) {
      int to = Math.min(prompts.size(), from + ROWS);
      answers.addAll(rows(prompts.subList(from, to), maxTokens));
    }
    return answers;
  }

  private List<Answer> rows(List<int[]> prompts, int maxTokens) throws OrtException {
    int rows = prompts.size();
    int length = 1 + prompts.stream().mapToInt(p -> p.length).max().orElseThrow();
    long[][] ids = new long[rows][length];
    boolean[][] real = new boolean[rows][length];
    for (int r = 0; r < rows; r++) {
      int[] prompt = prompts.get(r);
      int start = length - prompt.length - 1;
      ids[r][start] = bos;
      for (int i = 0; i < prompt.length; i++) {
        ids[r][start + 1 + i] = prompt[i];
      }
      Arrays.fill(real[r], start, length, true);
    }
    List<OnnxDecoder.Sequences> open = new ArrayList<>();
    try {
      members.forEach(member -> open.add(member.open(rows)));
      return steps(open, ids, real, maxTokens);
    } finally {
      open.forEach(OnnxDecoder.Sequences::close);
    }
  }

  private List<Answer> steps(
      List<OnnxDecoder.Sequences> open, long[][] prompt, boolean[][] promptReal, int maxTokens)
      throws OrtException {
    int rows = prompt.length;
    int[][] tokens = new int[rows][maxTokens];
    int[] lengths = new int[rows];
    double[] logprobs = new double[rows];
    boolean[] ended = new boolean[rows];
    long[][] ids = prompt;
    boolean[][] real = promptReal;
    for (int s = 0; s <= maxTokens; s++) {
      double[][] mean = null;
      for (OnnxDecoder.Sequences member : open) {
        mean = add(mean, member.append(ids, real));
      }
      ids = new long[rows][1];
      real = new boolean[rows][1];
      for (int r = 0; r < rows; r++) {
        real[r][0] = true;
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
