package dev.tutti.numerics.answer;

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
    public AnswerForm resolve(List<String> texts) {
      if (isMost(texts, ChoiceAnswer::isPlain)) {
        return CHOICE;
      }
      return isMost(texts, NumberAnswer::isPlain) ? NUMBER : TEXT;
    }

    @Override
    public Optional<AnswerForm> settled(List<String> texts, int pending) {
      long choices = count(texts, ChoiceAnswer::isPlain);
      long numbers = count(texts, NumberAnswer::isPlain);
      int all = texts.size() + pending;
      if (2 * choices > all) {
        return Optional.of(CHOICE);
      }
      if (2 * (choices + pending) > all) {
        return Optional.empty();
      }
      if (2 * numbers > all) {
        return Optional.of(NUMBER);
      }
      return 2 * (numbers + pending) > all ? Optional.empty() : Optional.of(TEXT);
    }

    @Override
    public Optional<String> canonical(String text) {
      throw new IllegalStateException("AUTO is resolved over all answers first.");
    }
  },
  /** The final number. */
  NUMBER {
    @Override
    public Optional<String> canonical(String text) {
      return NumberAnswer.canonical(text);
    }
  },
  /** The letter of an option. */
  CHOICE {
    @Override
    public Optional<String> canonical(String text) {
      return ChoiceAnswer.canonical(text);
    }
  },
  /** Words, without case, articles and punctuation. */
  TEXT {
    @Override
    public Optional<String> canonical(String text) {
      return TextAnswer.canonical(text);
    }
  };

  /** This form, or the one that AUTO takes for these answers, in whatever order. */
  public AnswerForm resolve(List<String> texts) {
    return this;
  }

  /**
   * The form that is resolved whatever further answers say, and however many there are; empty where
   * they may change it.
   *
   * @param pending most further answers
   */
  public Optional<AnswerForm> settled(List<String> texts, int pending) {
    return Optional.of(this);
  }

  /** The answer in this form; empty where it cannot be read as such. */
  public abstract Optional<String> canonical(String text);

  private static boolean isMost(List<String> texts, Predicate<String> plain) {
    return 2 * count(texts, plain) > texts.size();
  }

  private static long count(List<String> texts, Predicate<String> plain) {
    return texts.stream().filter(plain).count();
  }
}
