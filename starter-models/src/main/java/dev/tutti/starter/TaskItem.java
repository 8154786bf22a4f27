package dev.tutti.starter;

import java.util.Objects;

/**
 * One question with its only right answer.
 *
 * @param id unique within its evaluation set, e.g. {@code addition-17}
 * @param task name of the {@link Task} that made it
 * @param prompt what the model is asked, without special tokens
 * @param reference what it must answer, exactly, before it ends
 */
public record TaskItem(String id, String task, String prompt, String reference) {

  /** Refuses null parts. */
  public TaskItem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(reference, "reference");
  }
}
