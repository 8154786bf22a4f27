package dev.tutti.decoder.method.routing;

import dev.tutti.numerics.answer.AnswerForm;

/**
 * A question with an answer that is right, step by step where it has steps.
 *
 * @param question as it is asked
 * @param answer as it is written
 */
public record Reference(String question, String answer) {

  /**
   * Whether another answer comes to the same.
   *
   * @param form in which answers are compared; AUTO takes the one that the reference has
   */
  public boolean agrees(String other, AnswerForm form) {
    AnswerForm resolved = form.resolve(java.util.List.of(answer));
    return resolved
        .canonical(answer)
        .map(right -> resolved.canonical(other).filter(right::equals).isPresent())
        .orElse(answer.equals(other));
  }
}
