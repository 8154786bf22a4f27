package dev.tutti.cascade.estimate;

import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;

/** How two answers to one question stand to each other. */
enum AnswerRelation {
  /** They say the same. */
  AGREE,
  /** They say different things; at most one of them is right. */
  DISAGREE,
  /** Nobody can tell: two long answers may both be right and hardly ever read alike. */
  APART;

  /**
   * Of two answers.
   *
   * @param form in which they are compared; AUTO takes one in which at least one of them is plainly
   *     given
   */
  static AnswerRelation of(GivenAnswer one, GivenAnswer other, AnswerForm form) {
    if (one.tools().isPresent() || other.tools().isPresent()) {
      return one.tools().equals(other.tools()) ? AGREE : DISAGREE;
    }
    if (one.text().equals(other.text())) {
      return one.text().isBlank() ? APART : AGREE;
    }
    AnswerForm its = form.resolve(List.of(one.text()));
    AnswerForm others = form.resolve(List.of(other.text()));
    // Text is the last of the forms.
    AnswerForm resolved = its.compareTo(others) < 0 ? its : others;
    Optional<String> first = resolved.canonical(one.text());
    Optional<String> second = resolved.canonical(other.text());
    if (first.isEmpty() || second.isEmpty()) {
      return APART;
    }
    if (first.equals(second)) {
      return AGREE;
    }
    boolean both = GivenAnswer.isShort(first.get()) && GivenAnswer.isShort(second.get());
    return both ? DISAGREE : APART;
  }
}
