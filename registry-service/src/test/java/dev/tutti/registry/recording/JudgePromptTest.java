package dev.tutti.registry.recording;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.calls.Grading;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgePromptTest {

  @Test
  void aJudgeIsToldAndShown() {
    List<Message> messages = JudgePrompt.messages("6*7=", List.of("42"), "41");
    assertEquals(
        List.of(Role.ROLE_SYSTEM, Role.ROLE_USER),
        messages.stream().map(Message::getRole).toList());
    assertEquals(Grading.INSTRUCTIONS, messages.getFirst().getContent());
    assertEquals(Grading.material("6*7=", List.of("42"), "41"), messages.getLast().getContent());
  }

  @Test
  void aConversationTellsWhoSaidWhat() {
    assertEquals("6*7=", JudgePrompt.question(List.of(said(Role.ROLE_USER, "6*7="))));
    assertEquals(
        "System: Be short.\n\nUser: 6*7=",
        JudgePrompt.question(
            List.of(said(Role.ROLE_SYSTEM, "Be short."), said(Role.ROLE_USER, "6*7="))));
  }

  private static Message said(Role role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }
}
