package dev.tutti.cascade.method.verification;

import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.method.prompt.Rewriting;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * How a member is asked whether its own answer is correct, and how that is read. The conversation
 * and the answer are fenced ({@link References}); an answer that wants tools to be called is shown
 * as their names and arguments.
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
        prompt(episode, answer),
        times,
        new SamplingChange(OptionalDouble.of(temperature), OptionalInt.of(tokens), false),
        Checks.PURPOSE);
  }

  private static Prompt prompt(Episode episode, Answered answer) {
    String conversation =
        episode.query().turns().stream()
            .map(turn -> turn.role().name().toLowerCase(Locale.ROOT) + ": " + turn.text())
            .collect(Collectors.joining("\n\n"));
    var shown =
        new References(
            List.of("the conversation", "the answer"),
            List.of(conversation, answer.tools().orElse(answer.text())));
    var reader = episode.members().get(answer.asked().member());
    return new Prompt.Rewritten(
        List.of(new Turn(Turn.Role.USER, shown.after(INSTRUCTIONS, reader))));
  }

  /** How many checks of an answer the budget pays, {@link #checks} at most. */
  int paid(Episode episode, Answered answer) {
    double each =
        Rewriting.usd(
            episode.members().get(answer.asked().member()),
            episode.query(),
            prompt(episode, answer));
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
