package dev.tutti.cascade.method.prompt;

import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What whoever judges an answer reads: the conversation and the answer, fenced ({@link
 * References}). Both are whole, as the last question is at the end of the one, and an answer cannot
 * be held against what is not there. An answer that wants tools to be called is shown as their
 * names and arguments.
 */
public final class JudgePrompt {

  private JudgePrompt() {}

  /**
   * The prompt; empty where the judge's context does not hold it.
   *
   * @param judge place in the recipe
   * @param characters of what the judge writes, at most
   */
  public static Optional<Prompt> of(
      Episode episode, Answered answer, String instructions, int judge, int characters) {
    String conversation =
        episode.query().turns().stream()
            .map(turn -> turn.role().name().toLowerCase(Locale.ROOT) + ": " + turn.text())
            .collect(Collectors.joining("\n\n"));
    var shown =
        new References(
            List.of("the conversation", "the answer"),
            List.of(conversation, answer.tools().orElse(answer.text())));
    var prompt = new Prompt.Rewritten(List.of(new Turn(Turn.Role.USER, shown.whole(instructions))));
    return PromptCost.fits(episode.members().get(judge), prompt, characters)
        ? Optional.of(prompt)
        : Optional.empty();
  }
}
