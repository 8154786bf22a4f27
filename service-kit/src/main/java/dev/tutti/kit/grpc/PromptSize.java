package dev.tutti.kit.grpc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tutti.generation.v1.GenerateRequest;
import dev.tutti.generation.v1.Message;
import dev.tutti.generation.v1.WireForm;
import java.io.IOException;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How long a request's prompt is. Its messages tell, but for a chat's wire body that holds more
 * than they do (pictures, calls of tools): then the body tells.
 *
 * @param characters of text; sound, pictures and files as {@link #FILE_CHARACTERS} each, since
 *     neither an address nor bytes tell their tokens
 * @param messages number of them
 * @param textOnly whether there is neither sound nor picture nor file in it
 */
public record PromptSize(long characters, int messages, boolean textOnly) {

  /** What a picture of usual size, or the like, is taken for: 1,000 tokens. */
  static final int FILE_CHARACTERS = 4000;

  private static final JsonFactory JSON = new JsonFactory();

  /** Types of parts that are text; one without a type is, too. */
  private static final Set<String> TEXTS =
      Set.of("", "text", "input_text", "output_text", "refusal", "thinking", "reasoning");

  /** The size of this request's prompt. */
  public static PromptSize of(GenerateRequest request) {
    var told =
        new PromptSize(
            request.getMessagesList().stream()
                .map(Message::getContent)
                .mapToLong(Usages::characters)
                .sum(),
            request.getMessagesCount(),
            true);
    if (request.getWire().getUninterpreted().isEmpty()
        || request.getWire().getForm() == WireForm.WIRE_FORM_COMPLETION) {
      return told;
    }
    var reader = new Reader();
    try (JsonParser json = JSON.createParser(request.getWire().getBody().newInput())) {
      reader.root(json);
    } catch (IOException e) {
      // Nobody will take it; whatever it is, it is no text that was counted.
      reader.textOnly = false;
    }
    return new PromptSize(
        Math.max(told.characters, reader.characters),
        Math.max(told.messages, reader.messages),
        reader.textOnly);
  }

  /**
   * The same, read when it is first asked for, and once: most calls end well, and a body may be
   * long. Thread-safe.
   */
  public static Supplier<PromptSize> later(GenerateRequest request) {
    return new Supplier<>() {

      private PromptSize size;

      @Override
      public synchronized PromptSize get() {
        if (size == null) {
          size = of(request);
        }
        return size;
      }
    };
  }

  /** Reads a chat's body. Confined to one thread. */
  private static final class Reader {

    private long characters;
    private int messages;
    private boolean textOnly = true;

    private void root(JsonParser json) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("it is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "messages" -> each(json, value, this::message);
          case "tools", "functions", "response_format" -> strings(json, value);
          default -> json.skipChildren();
        }
      }
    }

    @FunctionalInterface
    private interface Item {
      void read(JsonParser json) throws IOException;
    }

    /** The objects of an array. */
    private static void each(JsonParser json, JsonToken value, Item item) throws IOException {
      if (value != JsonToken.START_ARRAY) {
        json.skipChildren();
        return;
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() == JsonToken.START_OBJECT) {
          item.read(json);
        } else {
          json.skipChildren();
        }
      }
    }

    private void message(JsonParser json) throws IOException {
      messages++;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "role" -> json.skipChildren();
          case "content" -> {
            if (value == JsonToken.START_ARRAY) {
              each(json, value, this::part);
            } else {
              strings(json, value);
            }
          }
          case "audio" -> {
            // What the model said before, by a name.
            if (value == JsonToken.START_OBJECT) {
              file();
            }
            json.skipChildren();
          }
          default -> strings(json, value);
        }
      }
    }

    private void part(JsonParser json) throws IOException {
      String type = "";
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        switch (name) {
          case "type" -> {
            type = value == JsonToken.VALUE_STRING ? json.getText() : "";
            json.skipChildren();
          }
          case "text", "refusal", "thinking" -> strings(json, value);
          default -> json.skipChildren();
        }
      }
      if (!TEXTS.contains(type)) {
        file();
      }
    }

    private void file() {
      textOnly = false;
      characters += FILE_CHARACTERS;
    }

    /** Counts all strings of a value, and the names of its fields. */
    private void strings(JsonParser json, JsonToken value) throws IOException {
      int depth = 0;
      for (JsonToken token = value; token != null; token = json.nextToken()) {
        switch (token) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case VALUE_STRING, FIELD_NAME -> characters += Usages.characters(json.getText());
          default -> {}
        }
        if (depth == 0) {
          return;
        }
      }
    }
  }
}
