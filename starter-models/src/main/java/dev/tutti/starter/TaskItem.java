package dev.tutti.starter;

import java.util.Objects;

/**
 * One question with its only right answer.
 *
 * @param id unique within its evaluation set, e.g. {@code addition-17}
 * @param task name of the {@link Task} that made it
 * @param prompt what the model is asked, without special tokens
 * @param answer what a model learns to write before it ends: the reference alone, or the steps that
 *     lead there, then {@link #MARK}, then the reference
 * @param reference the final answer, exactly
 */
public record TaskItem(String id, String task, String prompt, String answer, String reference) {

  /** Stands before the final answer where an answer is written out step by step. */
  public static final String MARK = "#### ";

  /** Refuses null parts and an answer that does not end in the reference. */
  public TaskItem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(reference, "reference");
    if (!finalAnswer(answer).equals(reference)) {
      throw new IllegalArgumentException(answer + " does not end in " + reference);
    }
  }

  /** Whether a written answer comes to the reference, whatever steps it took. */
  public boolean isRight(String written) {
    return finalAnswer(written).equals(reference);
  }

  /** What stands behind the last mark, or all of it where there is none. */
  public static String finalAnswer(String written) {
    int mark = written.lastIndexOf(MARK);
    return mark < 0 ? written : written.substring(mark + MARK.length());
  }
}
