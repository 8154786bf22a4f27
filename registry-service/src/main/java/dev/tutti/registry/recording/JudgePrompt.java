package dev.tutti.registry.recording;

import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.calls.Grading;
import java.util.List;

/** {@link Grading} as messages. */
public final class JudgePrompt {

  private JudgePrompt() {}

  /**
   * The messages that a judge is asked.
   *
   * @param question the conversation that was answered, as text
   * @param references what would be right; may be empty
   */
  public static List<Message> messages(String question, List<String> references, String answer) {
    return List.of(
        Message.newBuilder().setRole(Role.ROLE_SYSTEM).setContent(Grading.INSTRUCTIONS).build(),
        Message.newBuilder()
            .setRole(Role.ROLE_USER)
            .setContent(Grading.material(question, references, answer))
            .build());
  }

  /** A conversation of one message as it is, another one with who said what. */
  public static String question(List<Message> messages) {
    if (messages.size() == 1) {
      return messages.getFirst().getContent();
    }
    var text = new StringBuilder();
    for (Message message : messages) {
      String who =
          switch (message.getRole()) {
            case ROLE_SYSTEM -> "System";
            case ROLE_ASSISTANT -> "Assistant";
            case ROLE_USER, ROLE_UNSPECIFIED, UNRECOGNIZED -> "User";
          };
      text.append(text.isEmpty() ? "" : "\n\n")
          .append(who)
          .append(": ")
          .append(message.getContent());
    }
    return text.toString();
  }
}
