package dev.tutti.starter.eval;

import ai.onnxruntime.OrtException;
import dev.tutti.starter.JudgedSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads a step judge: behind the end of every step, the probability of {@link JudgedSteps#RIGHT}
 * against {@link JudgedSteps#WRONG} says whether all is right so far. One pass judges all steps.
 */
public final class StepJudge {

  private final OnnxDecoder judge;
  private final int bos;
  private final Function<String, int[]> tokenizer;
  private final int right;
  private final int wrong;
  private final int end;

  /**
   * A judge.
   *
   * @param judge the exported model
   * @param bos its begin token
   * @param tokenizer text to ids, one token a character
   */
  public StepJudge(OnnxDecoder judge, int bos, Function<String, int[]> tokenizer) {
    this.judge = judge;
    this.bos = bos;
    this.tokenizer = tokenizer;
    this.right = tokenizer.apply(JudgedSteps.RIGHT)[0];
    this.wrong = tokenizer.apply(JudgedSteps.WRONG)[0];
    this.end = tokenizer.apply(String.valueOf(JudgedSteps.END))[0];
  }

  /** For every step the probability, 0 to 1, that it and all before it are right. */
  public List<Double> rewards(JudgedSteps item) throws OrtException {
    int[] text = tokenizer.apply(item.prompt() + item.text());
    long[] ids = new long[text.length + 1];
    ids[0] = bos;
    for (int i = 0; i < text.length; i++) {
      ids[i + 1] = text[i];
    }
    List<Double> rewards = new ArrayList<>();
    try (OnnxDecoder.Sequences row = judge.open(1)) {
      float[][] logits = row.append(new long[][] {ids})[0];
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] == end) {
          rewards.add(1 / (1 + Math.exp(logits[i][wrong] - logits[i][right])));
        }
      }
    }
    return rewards;
  }

  /**
   * How well steps are told apart, at a probability of one half. Steps behind the first wrong one
   * do not count: they are easy.
   */
  public Quality quality(List<JudgedSteps> items) throws OrtException {
    int[] asRight = new int[2];
    int[] all = new int[2];
    for (JudgedSteps item : items) {
      List<Double> rewards = rewards(item);
      int judged = Math.min(item.steps().size(), item.firstWrong() + 1);
      for (int s = 0; s < judged; s++) {
        int truth = s < item.firstWrong() ? 1 : 0;
        all[truth]++;
        asRight[truth] += rewards.get(s) >= 0.5 ? 1 : 0;
      }
    }
    return new Quality(
        all[1], all[0], asRight[1] / (double) all[1], 1 - asRight[0] / (double) all[0]);
  }

  /**
   * How well steps are told apart.
   *
   * @param rightSteps how many right ones were judged
   * @param wrongSteps how many wrong ones were judged
   * @param rightKept share of the right ones that are called so
   * @param wrongFound share of the wrong ones that are called so
   */
  public record Quality(int rightSteps, int wrongSteps, double rightKept, double wrongFound) {

    /** Mean of both shares; chance is one half. */
    public double balancedAccuracy() {
      return (rightKept + wrongFound) / 2;
    }
  }
}
