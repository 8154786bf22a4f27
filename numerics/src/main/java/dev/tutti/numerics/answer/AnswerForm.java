package dev.tutti.numerics.answer;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

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
  AUTO(AnswerForm::unresolved) {
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
  },
  /** The final number. */
  NUMBER(NumberAnswer::canonical, text -> NumberAnswer.isPlain(text) && !isMore(text)),
  /** The letter of an option. */
  CHOICE(ChoiceAnswer::canonical, ChoiceAnswer::isPlain),
  /** A day, or a month of a year; day and month stay in doubt where a text leaves them so. */
  DATE(DateAnswer::canonical, DateAnswer::isPlain),
  /** The final number with its unit, in one unit of each kind. */
  QUANTITY(QuantityAnswer::canonical, QuantityAnswer::isPlain),
  /** A value of Python or JSON; strings have their case and punctuation. */
  LITERAL(LiteralAnswer::canonical, LiteralAnswer::isPlain),
  /** The same, of objects and lists alone. */
  JSON(text -> LiteralAnswer.json(text).map(Literal::spelling)),
  /** Calls of tools that are written as a text: names and arguments. */
  TOOL_CALL(LiteralAnswer::toolCalls),
  /** A query, in small letters. */
  SQL(CodeAnswer::sql, CodeAnswer::isQuery),
  /** Source code, by its tokens. */
  CODE(CodeAnswer::canonical, CodeAnswer::isPlain),
  /** Words, without case, articles and punctuation. */
  TEXT(TextAnswer::canonical);

  /**
   * Whether the number that a text marks is but a part of what it marks: a date, "5 km", a list.
   */
  private static boolean isMore(String text) {
    boolean money = text.chars().anyMatch(c -> "$€£%".indexOf(c) >= 0);
    return DateAnswer.isPlain(text)
        || !money && QuantityAnswer.isPlain(text)
        || LiteralAnswer.json(text).isPresent() && LiteralAnswer.isPlain(text);
  }

  private static Optional<String> unresolved(String text) {
    throw new IllegalStateException("AUTO is resolved over all answers first.");
  }

  /** What AUTO looks for, in this order. */
  private static final List<AnswerForm> PLAIN =
      List.of(CHOICE, NUMBER, DATE, QUANTITY, LITERAL, SQL, CODE);

  private final Function<String, Optional<String>> canonical;

  private final Predicate<String> plain;

  AnswerForm(Function<String, Optional<String>> canonical, Predicate<String> plain) {
    this.canonical = canonical;
    this.plain = plain;
  }

  /** One that AUTO never takes by itself. */
  AnswerForm(Function<String, Optional<String>> canonical) {
    this(canonical, _ -> false);
  }

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
  public Optional<String> canonical(String text) {
    return canonical.apply(text);
  }

  /** Whether a text says on purpose that its answer is of this form; for {@link #AUTO}. */
  boolean isPlain(String text) {
    return plain.test(text);
  }
}
