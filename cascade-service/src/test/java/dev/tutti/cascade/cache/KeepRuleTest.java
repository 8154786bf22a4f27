package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.generation.v1.Completion;
import dev.tutti.generation.v1.FinishReason;
import dev.tutti.generation.v1.ToolCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeepRuleTest {

  private static Completion.Builder answer(String text) {
    return Completion.newBuilder()
        .setText(text)
        .setFinishReason(FinishReason.FINISH_REASON_STOP)
        .setAuthor("m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Paris.",
        "I am sure that it is Paris.",
        "Sorry seems to be the hardest word is a song of 1976.",
        "I cannot be divided by 0, says the number.",
        "Unfortunately, the train is late."
      })
  void keepsAnswers(String text) {
    assertTrue(KeepRule.allows(answer(text).build()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I can’t assist with that request.",
        "I cannot provide instructions for that.",
        "Sorry, I am unable to answer this.",
        "As an AI language model, I have no opinion.",
        "I apologize, but I cannot comply.",
        "  I can't discuss that.",
        "I don't know.",
        " "
      })
  void keepsNoRefusals(String text) {
    assertFalse(KeepRule.allows(answer(text).build()));
  }

  @ParameterizedTest
  @EnumSource(
      value = FinishReason.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"FINISH_REASON_STOP", "UNRECOGNIZED"})
  void keepsWhatEndedByItselfAlone(FinishReason reason) {
    assertFalse(KeepRule.allows(answer("Paris").setFinishReason(reason).build()));
  }

  @Test
  void keepsNoCallsOfTools() {
    var call = ToolCall.newBuilder().setName("send_mail").setArguments("{}");
    assertFalse(KeepRule.allows(answer("Sent.").addToolCalls(call).build()));
  }

  @Test
  void keepsNothingEndless() {
    assertTrue(KeepRule.allows(answer("a".repeat(65_536)).build()));
    assertFalse(KeepRule.allows(answer("a".repeat(65_537)).build()));
  }

  @Test
  void sameIsWhatSaysTheSame() {
    assertTrue(KeepRule.same("The answer is 1,000.", "Answer: 1000"));
    assertFalse(KeepRule.same("The answer is 1,000.", "The answer is 100."));
    assertTrue(KeepRule.same("The capital is Paris.", "the capital is paris"));
    assertFalse(KeepRule.same("The capital is Paris.", "The capital is Rome."));
  }
}
