package dev.tutti.fusion.method.vote;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** In which form answers are compared. */
public enum AnswerForm {
  /**
   * The form in which more than half of the answers are plainly given: choice, number, else text.
   */
  AUTO {
    @Override
    AnswerForm resolve(List<String> texts) {
      if (isMost(texts, ChoiceAnswer::isPlain)) {
        return CHOICE;
      }
      return isMost(texts, NumberAnswer::isPlain) ? NUMBER : TEXT;
    }

    @Override
    Optional<String> canonical(String text) {
      throw new IllegalStateException("AUTO is resolved over all answers first.");
    }
  },
  /** The final number. */
  NUMBER {
    @Override
    Optional<String> canonical(String text) {
      return NumberAnswer.canonical(text);
    }
  },
  /** The letter of an option. */
  CHOICE {
    @Override
    Optional<String> canonical(String text) {
      return ChoiceAnswer.canonical(text);
    }
  },
  /** Words, without case, articles and punctuation. */
  TEXT {
    @Override
    Optional<String> canonical(String text) {
      return TextAnswer.canonical(text);
    }
  };

  /** This form, or the one that AUTO takes for these answers, in whatever order. */
  AnswerForm resolve(List<String> texts) {
    return this;
  }

  /** The answer in this form; empty where it cannot be read as such. */
  abstract Optional<String> canonical(String text);

  private static boolean isMost(List<String> texts, Predicate<String> plain) {
    return 2 * texts.stream().filter(plain).count() > texts.size();
  }
}
