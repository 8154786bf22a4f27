package dev.tutti.cascade.cache;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which answers are kept, and when two of them are the same. */
final class KeepRule {

  /** Longest answer that is kept, characters. */
  private static final int LONGEST = 65_536;

  private static final Pattern REFUSAL =
      Pattern.compile(
          "(sorry|(i['’]?m|i am) (so |very )?sorry|(my |i )?apolog\\w+|unfortunately)?[,.!:; ]*(but )?"
              + "(as an ai\\b|i (can['’]?t|cannot|can not|won['’]?t|will not|am unable to"
              + "|am not able to|do not|don['’]?t) (be able to )?(help|assist|answer|provide|comply"
              + "|fulfil|discuss|share|do that|know)|i['’]m (unable|not able) to\\b)",
          Pattern.CASE_INSENSITIVE);

  private KeepRule() {}

  /**
   * Whether an answer is worth keeping: it ended by itself, says something, wants no tools called,
   * does not read like a refusal, and is not too long.
   */
  static boolean allows(Completion answer) {
    String text = answer.getText();
    return answer.getFinishReason() == FinishReason.FINISH_REASON_STOP
        && answer.getToolCallsCount() == 0
        && answer.getChoicesCount() == 0
        && !text.isBlank()
        && text.length() <= LONGEST
        && !REFUSAL.matcher(text.strip()).lookingAt();
  }

  /** Whether two answers say the same, in whatever form both plainly have; else by their words. */
  static boolean same(String one, String other) {
    AnswerForm form = AnswerForm.AUTO.resolve(List.of(one, other));
    Optional<String> canonical = form.canonical(one);
    return canonical.isPresent() && canonical.equals(form.canonical(other));
  }
}
