package dev.tutti.registry.recording;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.Role;
import dev.tutti.registry.dataset.JsonLine;
import dev.tutti.registry.dataset.JsonLine.WrongException;
import dev.tutti.registry.dataset.LineChunks;
import dev.tutti.registry.v1.RecordedQuery;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads lines of the form
 *
 * <pre>
 * {"prompt" | "messages": [{"role", "content"}...], "reference"? | "references"?: [...], "domain"?, "id"?}
 * </pre>
 *
 * <p>A reference is text or a number. The domain becomes the query's set. Without an id the query
 * gets one that is a digest of its messages: the same question has the same id in every recording.
 */
final class QuestionParser {

  private static final int LONGEST_ID = 200;
  private static final int LONGEST_NAME = 128;
  private static final int MOST_MESSAGES = 1_024;
  private static final int MOST_REFERENCES = 64;
  private static final int DIGEST_BYTES = 12;
  private static final int MOST_DIGITS = 300;

  private final String split;
  private final String system;
  private final Optional<Scorer> scorer;

  /** The field with the query's id. */
  private final String id;

  /**
   * Reads the lines of a recording.
   *
   * @param split that all queries are of; empty for none
   * @param system stands before conversations that have no system message; empty for none
   */
  QuestionParser(String split, String system, Scorer scorer) {
    this(split, system, Optional.of(scorer), "id");
  }

  private QuestionParser(String split, String system, Optional<Scorer> scorer, String id) {
    this.split = split;
    this.system = system;
    this.scorer = scorer;
    this.id = id;
  }

  /** Reads lines that say what was asked when something was decided: their id is the decision's. */
  static QuestionParser ofDecisions(String split) {
    return new QuestionParser(split, "", Optional.empty(), "decision");
  }

  /**
   * Reads one line.
   *
   * @return empty where there is nothing
   * @throws WrongException where it cannot be taken
   */
  Optional<Question> parse(LineChunks.Chunk chunk, LineChunks.Part part) {
    JsonNode line = part.read(chunk);
    return line == null ? Optional.empty() : Optional.of(question(part.number(), line));
  }

  private Question question(long number, JsonNode line) {
    var messages = new ArrayList<Message>();
    var references = new ArrayList<String>();
    RecordedQuery.Builder query = RecordedQuery.newBuilder().setSplit(split);
    for (Map.Entry<String, JsonNode> field : line.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (value.isNull()) {
        continue;
      }
      switch (name) {
        case "prompt" ->
            add(name, messages, List.of(message(Role.ROLE_USER, JsonLine.text(name, value))));
        case "messages" -> add(name, messages, messages(value));
        case "reference" -> add(name, references, List.of(reference(name, value)));
        case "references" -> add(name, references, references(value));
        case "domain" -> query.setSet(JsonLine.name(name, value, LONGEST_NAME));
        case "id", "decision" -> {
          if (!name.equals(id)) {
            throw unknown(name);
          }
          query.setId(JsonLine.name(name, value, LONGEST_ID));
        }
        default -> throw unknown(name);
      }
    }
    if (messages.isEmpty()) {
      throw new WrongException("prompt", "prompt or messages is required.");
    }
    if (messages.getLast().getRole() != Role.ROLE_USER
        || messages.getLast().getContent().isBlank()) {
      throw new WrongException(
          "messages", "The last message must be the user's, and say something.");
    }
    if (!system.isEmpty() && messages.stream().noneMatch(m -> m.getRole() == Role.ROLE_SYSTEM)) {
      messages.addFirst(message(Role.ROLE_SYSTEM, system));
    }
    requireReferences(references);
    if (query.getId().isEmpty() && id.equals("decision")) {
      throw new WrongException("decision", "decision is required: the id of a decision.");
    }
    if (query.getId().isEmpty()) {
      query.setId("q-" + digest(messages));
    }
    query.setQuery(messages.getLast().getContent());
    if (!references.isEmpty()) {
      query.setReference(references.getFirst());
    }
    return new Question(number, messages, references, query.build());
  }

  private WrongException unknown(String name) {
    return new WrongException(
        JsonLine.shown(name),
        "%s is none of prompt, messages, reference, references, domain, %s."
            .formatted(JsonLine.shown(name), id));
  }

  private void requireReferences(List<String> references) {
    if (!(scorer.orElse(null) instanceof Scorer.ByReference by)) {
      return;
    }
    if (references.isEmpty()) {
      throw new WrongException(
          "reference",
          "reference or references is required by the scorer %s."
              .formatted(by.comparison().word()));
    }
    for (String reference : references) {
      if (!by.comparison().reads(reference)) {
        throw new WrongException(
            "reference",
            "The scorer %s needs %s; the reference '%s' has none."
                .formatted(
                    by.comparison().word(), by.comparison().what(), JsonLine.shown(reference)));
      }
    }
  }

  private static <T> void add(String name, List<T> found, List<T> more) {
    if (!found.isEmpty()) {
      throw new WrongException(
          name,
          "prompt and messages, and reference and references, stand for each other: give one.");
    }
    found.addAll(more);
  }

  private static List<Message> messages(JsonNode value) {
    if (!value.isArray() || value.isEmpty() || value.size() > MOST_MESSAGES) {
      throw new WrongException(
          "messages", "messages must be a list of 1 to %d messages.".formatted(MOST_MESSAGES));
    }
    var messages = new ArrayList<Message>();
    for (int i = 0; i < value.size(); i++) {
      String place = "messages[%d]".formatted(i);
      JsonNode message = value.get(i);
      if (!message.isObject()
          || message.size() != 2
          || !message.path("role").isTextual()
          || !message.path("content").isTextual()) {
        throw new WrongException(
            place, "%s must be an object of the texts role and content.".formatted(place));
      }
      Role role =
          switch (message.get("role").textValue()) {
            case "system", "developer" -> Role.ROLE_SYSTEM;
            case "user" -> Role.ROLE_USER;
            case "assistant" -> Role.ROLE_ASSISTANT;
            default ->
                throw new WrongException(
                    place + ".role", "%s.role must be system, user or assistant.".formatted(place));
          };
      messages.add(message(role, JsonLine.text(place + ".content", message.get("content"))));
    }
    return messages;
  }

  private static List<String> references(JsonNode value) {
    if (!value.isArray() || value.isEmpty() || value.size() > MOST_REFERENCES) {
      throw new WrongException(
          "references",
          "references must be a list of 1 to %d texts or numbers.".formatted(MOST_REFERENCES));
    }
    var references = new ArrayList<String>();
    for (int i = 0; i < value.size(); i++) {
      references.add(reference("references[%d]".formatted(i), value.get(i)));
    }
    return references;
  }

  private static String reference(String place, JsonNode value) {
    String text = value.isNumber() ? number(place, value) : JsonLine.text(place, value);
    if (text.isBlank()) {
      throw new WrongException(place, "%s is blank.".formatted(place));
    }
    return text;
  }

  /** A number with the digits that it was written with, and no exponent: 1.10, 1000. */
  private static String number(String place, JsonNode value) {
    BigDecimal its = value.decimalValue();
    if (Math.abs((long) its.scale()) > MOST_DIGITS) {
      throw new WrongException(
          place,
          "%s is a number of more than %d digits; give it as text.".formatted(place, MOST_DIGITS));
    }
    return its.toPlainString();
  }

  private static Message message(Role role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }

  private static String digest(List<Message> messages) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Message message : messages) {
        byte[] content = message.getContent().getBytes(StandardCharsets.UTF_8);
        digest.update(
            "%d %d "
                .formatted(message.getRoleValue(), content.length)
                .getBytes(StandardCharsets.US_ASCII));
        digest.update(content);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
