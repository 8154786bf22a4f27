package dev.tutti.numerics.answer;

import java.util.List;
import java.util.Optional;

/**
 * In which form answers are compared. Every form spells answers that say the same alike; what it
 * spells reads as itself (of code, where the code is whole). Nothing that a text holds makes one
 * throw, or take long.
 */
public enum AnswerForm {
  /**
   * The first form in which more than half of the answers are plainly given: choice, number, date,
   * quantity, literal, sql, code; else text.
   */
  AUTO {
    @Override
    public AnswerForm resolve(List<String> texts) {
      return settled(texts, 0).orElseThrow();
    }

    @Override
    public Optional<AnswerForm> settled(List<String> texts, int pending) {
      int all = texts.size() + pending;
      for (AnswerForm form : PLAIN) {
        long plain = texts.stream().filter(form::isPlain).count();
        if (2 * plain > all) {
          return Optional.of(form);
        }
        if (2 * (plain + pending) > all) {
          return Optional.empty();
        }
      }
      return Optional.of(TEXT);
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

    @Override
    boolean isPlain(String text) {
      return NumberAnswer.isPlain(text) && !isMore(text);
    }
  },
  /** The letter of an option. */
  CHOICE {
    @Override
    public Optional<String> canonical(String text) {
      return ChoiceAnswer.canonical(text);
    }

    @Override
    boolean isPlain(String text) {
      return ChoiceAnswer.isPlain(text);
    }
  },
  /** A day, or a month of a year; day and month stay in doubt where a text leaves them so. */
  DATE {
    @Override
    public Optional<String> canonical(String text) {
      return DateAnswer.canonical(text);
    }

    @Override
    boolean isPlain(String text) {
      return DateAnswer.isPlain(text);
    }
  },
  /** The final number with its unit, in one unit of each kind. */
  QUANTITY {
    @Override
    public Optional<String> canonical(String text) {
      return QuantityAnswer.canonical(text);
    }

    @Override
    boolean isPlain(String text) {
      return QuantityAnswer.isPlain(text);
    }
  },
  /** A value of Python or JSON; strings have their case and punctuation. */
  LITERAL {
    @Override
    public Optional<String> canonical(String text) {
      return LiteralAnswer.canonical(text);
    }

    @Override
    boolean isPlain(String text) {
      return LiteralAnswer.isPlain(text);
    }
  },
  /** The same, of objects and lists alone. */
  JSON {
    @Override
    public Optional<String> canonical(String text) {
      return LiteralAnswer.json(text).map(Literal::spelling);
    }
  },
  /** Calls of tools that are written as a text: names and arguments. */
  TOOL_CALL {
    @Override
    public Optional<String> canonical(String text) {
      return LiteralAnswer.toolCalls(text);
    }
  },
  /** A query, in small letters. */
  SQL {
    @Override
    public Optional<String> canonical(String text) {
      return CodeAnswer.sql(text);
    }

    @Override
    boolean isPlain(String text) {
      return CodeAnswer.isQuery(text);
    }
  },
  /** Source code, by its tokens. */
  CODE {
    @Override
    public Optional<String> canonical(String text) {
      return CodeAnswer.canonical(text);
    }

    @Override
    boolean isPlain(String text) {
      return CodeAnswer.isPlain(text);
    }
  },
  /** Words, without case, articles and punctuation. */
  TEXT {
    @Override
    public Optional<String> canonical(String text) {
      return TextAnswer.canonical(text);
    }
  };

  /**
   * Whether the number that a text marks is but a part of what it marks: a date, "5 km", a list.
   */
  private static boolean isMore(String text) {
    boolean money = text.chars().anyMatch(c -> "$€£%".indexOf(c) >= 0);
    return DateAnswer.isPlain(text)
        || !money && QuantityAnswer.isPlain(text)
        || LiteralAnswer.json(text).isPresent() && LiteralAnswer.isPlain(text);
  }

  /** What AUTO looks for, in this order. */
  private static final List<AnswerForm> PLAIN =
      List.of(CHOICE, NUMBER, DATE, QUANTITY, LITERAL, SQL, CODE);

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

  /** Whether a text says on purpose that its answer is of this form; for {@link #AUTO}. */
  boolean isPlain(String text) {
    return false;
  }
}
