package dev.tutti.registry.recording;

import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.numerics.text.WordOverlap;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * How an answer is held against what would be right: 0 to 1, of several references the best. Pure.
 * Answers are read as votes read them ({@link AnswerForm}).
 */
public enum Comparison {
  /**
   * 1 where both say the same words, without case, articles and punctuation; of an answer that
   * marks its end ("the answer is ...", {@code \boxed{}}) only that counts.
   */
  EXACT(AnswerForm.TEXT, "text"),
  /** 1 where the final numbers are equal: {@code 1,234.50} is {@code 1234.5}. */
  NUMBER(AnswerForm.NUMBER, "a number"),
  /** 1 where both choose the letter of the same option. */
  CHOICE(AnswerForm.CHOICE, "the letter of an option"),
  /** 1 where the answer has the reference's words, one after the other, without case. */
  CONTAINS(
      (answer, reference) ->
          Collections.indexOfSubList(WordOverlap.words(answer), WordOverlap.words(reference)) >= 0
              ? 1
              : 0),
  /** Token F1: the harmonic mean of precision and recall over words as bags. */
  F1(
      (answer, reference) ->
          WordOverlap.f1(WordOverlap.words(answer), WordOverlap.words(reference)));

  private final BiFunction<String, String, Number> score;
  private final Optional<AnswerForm> form;
  private final String what;

  Comparison(AnswerForm form, String what) {
    this.score =
        (answer, reference) ->
            form.canonical(answer).equals(form.canonical(reference))
                    && form.canonical(reference).isPresent()
                ? 1
                : 0;
    this.form = Optional.of(form);
    this.what = what;
  }

  Comparison(BiFunction<String, String, Number> score) {
    this.score = score;
    this.form = Optional.empty();
    this.what = "a word";
  }

  /**
   * How good an answer is.
   *
   * @param references what would be right; at least one, each of which {@link #reads}
   * @return 0 to 1
   */
  public double score(String answer, List<String> references) {
    return references.stream()
        .mapToDouble(reference -> score.apply(answer, reference).doubleValue())
        .max()
        .orElseThrow();
  }

  /** Whether an answer can be held against this. */
  public boolean reads(String reference) {
    return form.map(its -> its.canonical(reference).isPresent())
        .orElseGet(() -> !WordOverlap.words(reference).isEmpty());
  }

  /** What a reference must be, for people. */
  String what() {
    return what;
  }

  /** The name by which it is asked for. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Comparison> of(String word) {
    return Arrays.stream(values()).filter(its -> its.word().equals(word)).findFirst();
  }

  static String words() {
    return Arrays.stream(values()).map(Comparison::word).collect(Collectors.joining(", "));
  }
}
