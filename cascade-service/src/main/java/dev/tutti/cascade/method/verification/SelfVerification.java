package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.method.prompt.JudgePrompt;
import dev.tutti.cascade.method.prompt.PromptCost;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.SamplingChange;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How a member is asked whether its own answer is correct, and how that is read. The conversation
 * and the answer are a {@link JudgePrompt}; where the member's context does not hold that nothing
 * is checked.
 *
 * @param checks how often it is asked, at once
 * @param temperature of the checks
 * @param tokens most tokens of one
 */
record SelfVerification(int checks, double temperature, int tokens) {

  private static final String INSTRUCTIONS =
      "Below are a conversation and an answer to its last message. Check the answer: does it say"
          + " nothing that the conversation contradicts, and is what it comes to right? Examples:"
          + " to \"What is 3 + 4?\" the answer \"7\" is correct and the answer \"It is 8.\" is"
          + " incorrect; to \"Ann is at home and Bob at work. Who is at work?\" the answer \"Ann\""
          + " is incorrect. Reply with one word, "
          + Checks.CORRECT
          + " or "
          + Checks.INCORRECT
          + ", and with nothing else.";

  /** Asks so many times. */
  Generate call(Episode episode, Answered answer, int times) {
    return new Generate(
        answer.asked().member(),
        prompt(episode, answer).orElseThrow(),
        times,
        new SamplingChange(OptionalDouble.of(temperature), OptionalInt.of(tokens), false),
        Checks.PURPOSE);
  }

  /** Whether a member's context holds a check of its answer. */
  boolean fits(Episode episode, Answered answer) {
    return prompt(episode, answer).isPresent();
  }

  private Optional<Prompt> prompt(Episode episode, Answered answer) {
    return JudgePrompt.of(
        episode,
        answer,
        INSTRUCTIONS,
        answer.asked().member(),
        PromptCost.CHARACTERS_PER_TOKEN * tokens);
  }

  /** How many checks of an answer can be made and the budget pays, {@link #checks} at most. */
  int paid(Episode episode, Answered answer) {
    Optional<Prompt> prompt = prompt(episode, answer);
    if (prompt.isEmpty()) {
      return 0;
    }
    double each =
        PromptCost.usd(
            episode.members().get(answer.asked().member()), episode.query(), prompt.get());
    int paid = checks;
    if (episode.usdLeft().isPresent()) {
      while (paid > 0 && paid * each > episode.usdLeft().getAsDouble()) {
        paid--;
      }
    }
    return paid;
  }

  /**
   * Whether a check says that the answer is correct: its last "correct" is not part of "incorrect",
   * and no "not" stands before it; false where it has none.
   */
  static boolean saysCorrect(Answered check) {
    String[] words = check.text().toLowerCase(Locale.ROOT).split("[^\\p{L}'’]+");
    for (int i = words.length - 1; i >= 0; i--) {
      if (words[i].equals(Checks.INCORRECT)) {
        return false;
      }
      if (words[i].equals(Checks.CORRECT)) {
        return !isNegation(words, i - 1) && !isNegation(words, i - 2);
      }
    }
    return false;
  }

  private static boolean isNegation(String[] words, int i) {
    return i >= 0
        && (words[i].equals("not") || words[i].endsWith("n't") || words[i].endsWith("n’t"));
  }

  /** The share of an answer's checks that say it is correct; empty where all of them failed. */
  static Optional<Double> share(List<Episode.Stage> checks) {
    long answered = checks.stream().filter(Answered.class::isInstance).count();
    return answered == 0 ? Optional.empty() : Optional.of((double) correct(checks) / checks.size());
  }

  /** How many say so. */
  static int correct(List<Episode.Stage> checks) {
    return (int)
        checks.stream().filter(check -> check instanceof Answered its && saysCorrect(its)).count();
  }
}
