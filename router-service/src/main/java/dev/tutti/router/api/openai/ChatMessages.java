package dev.tutti.router.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.kit.grpc.RequestRules;
import dev.tutti.router.api.openai.ChatRequest.Unserved;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The conversation of a chat completion request. */
final class ChatMessages {

  private ChatMessages() {}

  /**
   * The messages of a request that no endpoint gets.
   *
   * @throws ApiException where one of them is nothing that Tutti itself takes
   */
  static List<Message> read(JsonFields fields) {
    var unserved = new Unserved();
    List<Message> messages = read(fields, unserved);
    if (!unserved.refusals().isEmpty()) {
      throw unserved.refusals().getFirst();
    }
    return messages;
  }

  /**
   * The messages of a request, each that Tutti itself does not take by what it says in text.
   *
   * @param unserved gets the refusals of these
   */
  static List<Message> read(JsonFields fields, Unserved unserved) {
    JsonNode nodes = fields.required("messages");
    if (!nodes.isArray()) {
      throw JsonFields.wrongType("messages", "an array", nodes);
    }
    var messages = new ArrayList<Message>();
    for (int i = 0; i < nodes.size(); i++) {
      JsonNode node = nodes.get(i);
      String path = "messages[%d]".formatted(i);
      if (!unserved.check(() -> messages.add(message(JsonFields.of(node, path))))) {
        messages.add(gist(node));
      }
    }
    if (messages.size() <= RequestRules.MAX_MESSAGES) {
      return messages;
    }
    unserved.add(
        ApiException.invalid(
            "invalid_value",
            "messages",
            "There are %d messages; 1 to %d are allowed."
                .formatted(messages.size(), RequestRules.MAX_MESSAGES)));
    return folded(messages);
  }

  /** The newest ones, and before them all that was said earlier in one. */
  private static List<Message> folded(List<Message> messages) {
    int earlier = messages.size() - RequestRules.MAX_MESSAGES + 1;
    String said =
        messages.subList(0, earlier).stream()
            .map(Message::getContent)
            .collect(Collectors.joining("\n"));
    var folded = new ArrayList<Message>();
    folded.add(Message.newBuilder().setRole(Role.ROLE_USER).setContent(said).build());
    folded.addAll(messages.subList(earlier, messages.size()));
    return folded;
  }

  /**
   * What a message with images, tools and the like says in text: for routers, and for estimates.
   */
  private static Message gist(JsonNode message) {
    JsonNode content = message.path("content");
    var text = new StringBuilder(content.asText(""));
    content.forEach(part -> text.append(part.path("text").asText("")));
    Role role =
        switch (message.path("role").asText()) {
          case "system", "developer" -> Role.ROLE_SYSTEM;
          case "assistant" -> Role.ROLE_ASSISTANT;
          default -> Role.ROLE_USER;
        };
    return Message.newBuilder().setRole(role).setContent(text.toString()).build();
  }

  private static Message message(JsonFields fields) {
    String role = fields.requiredText("role");
    // Whoever calls tools says nothing.
    fields.refuse(ChatLimits.UNSERVED_OF_CALLS);
    Message message =
        Message.newBuilder()
            .setRole(
                switch (role) {
                  case "system", "developer" -> Role.ROLE_SYSTEM;
                  case "user" -> Role.ROLE_USER;
                  case "assistant" -> Role.ROLE_ASSISTANT;
                  case "tool", "function" ->
                      throw ApiException.invalid(
                          "unsupported_value",
                          fields.path("role"),
                          "Role '%s' is not supported: tools are not served.".formatted(role));
                  default ->
                      throw ApiException.invalid(
                          "invalid_value",
                          fields.path("role"),
                          "%s is '%s'; supported are system, developer, user and assistant."
                              .formatted(fields.path("role"), ChatRequest.cut(role)));
                })
            .setContent(role.equals("assistant") ? assistantContent(fields) : content(fields))
            .build();
    // Who of several people speaks: models are not told, whom they answer is the same.
    fields.node("name");
    fields.refuseOthers(ChatLimits.UNSERVED_OF_MESSAGE);
    return message;
  }

  /** What an assistant said, or that it refused: its message goes back as it came. */
  private static String assistantContent(JsonFields fields) {
    Optional<String> refusal = fields.text("refusal");
    if (refusal.isEmpty()) {
      return content(fields);
    }
    String said = fields.node("content").isPresent() ? content(fields) : "";
    return said.isEmpty() ? refusal.get() : said + "\n" + refusal.get();
  }

  private static String content(JsonFields fields) {
    JsonNode content = fields.required("content");
    String path = fields.path("content");
    if (content.isTextual()) {
      return JsonFields.text(content, path);
    }
    if (!content.isArray() || content.isEmpty()) {
      throw JsonFields.wrongType(path, "a string or a list of text parts", content);
    }
    var text = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      JsonFields part = JsonFields.of(content.get(i), "%s[%d]".formatted(path, i));
      String type = part.requiredText("type");
      if (!type.equals("text")) {
        throw ApiException.invalid(
            "unsupported_value",
            part.path("type"),
            "Parts of type '%s' are not supported; only 'text' is."
                .formatted(ChatRequest.cut(type)));
      }
      text.append(part.requiredText("text"));
      part.refuseOthers(Map.of());
    }
    return text.toString();
  }
}
