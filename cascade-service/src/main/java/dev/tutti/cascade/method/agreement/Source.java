package dev.tutti.cascade.method.agreement;

import dev.tutti.cascade.method.prompt.Rewriting;
import dev.tutti.kit.calls.Episode.Answered;
import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.References;
import dev.tutti.numerics.answer.ProgramAnswer;
import java.util.Optional;

/**
 * Where samples come from: how a member is asked for them, and what is read of what it writes.
 *
 * @param purpose of its calls; empty where they are the request as it was asked
 * @param instructions that the member is given; empty where it is asked as the request was
 * @param isProgram whether the answer is the value of the program that it writes
 */
record Source(String purpose, String instructions, boolean isProgram) {

  /** The request as it was asked. */
  static final Source AS_ASKED = new Source("", "", false);

  Prompt prompt(Query query) {
    return instructions.isEmpty()
        ? Prompt.AS_ASKED
        : new Prompt.Rewritten(References.instructed(query.turns(), instructions));
  }

  /** What a sample is expected to cost, US dollars. */
  double usd(MemberCard card, Query query) {
    return Rewriting.usd(card, query, prompt(query));
  }

  /** What an answer comes to, as a text; empty where it is a program without a value. */
  Optional<String> read(Answered answer) {
    return isProgram && answer.tools().isEmpty()
        ? ProgramAnswer.value(answer.text())
        : Optional.of(answer.text());
  }
}
