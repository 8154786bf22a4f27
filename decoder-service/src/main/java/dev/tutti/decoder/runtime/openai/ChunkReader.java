package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads an event or an answer of chat/completions or completions in one pass, whatever the order of
 * its fields, and skips what it does not know. Confined to one thread; used once.
 */
final class ChunkReader {

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private final JsonParser json;
  private String text = "";
  private boolean refused;
  private int written;
  private List<Chunk.Token> tokens = List.of();
  private List<Chunk.CallPiece> calls = List.of();
  private String finish;
  private Chunk.Used usage;
  private final Set<Integer> running = new HashSet<>();
  private final Set<Integer> ended = new HashSet<>();
  private boolean failed;

  private record Function(String name, String arguments) {}

  private ChunkReader(JsonParser json) {
    this.json = json;
  }

  /**
   * Reads.
   *
   * @throws IOException when it is no JSON object; fields of other types say nothing
   */
  static Chunk read(byte[] bytes) throws IOException {
    try (JsonParser json = JSON.createParser(bytes)) {
      return new ChunkReader(json).root();
    }
  }

  private Chunk root() throws IOException {
    require(json.nextToken() == JsonToken.START_OBJECT, "it is no JSON object");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "choices" -> choices(value);
        case "usage" -> usage = UsageReader.read(json);
        case "error", "detail" -> error(value);
        case "object" -> {
          failed |= value == JsonToken.VALUE_STRING && json.getText().equals("error");
          json.skipChildren();
        }
        default -> json.skipChildren();
      }
    }
    require(json.nextToken() == null, "something follows its end");
    return new Chunk(text, refused, written, tokens, calls, finish, usage, running, ended, failed);
  }

  private void choices(JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.START_OBJECT) {
        choice();
      } else {
        json.skipChildren();
      }
    }
  }

  private void choice() throws IOException {
    int index = 0;
    var its = new StringBuilder();
    var pieces = new ArrayList<Chunk.CallPiece>();
    var refusal = new StringBuilder();
    List<Chunk.Token> logprobs = List.of();
    String end = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "index" -> {
          index = value == JsonToken.VALUE_NUMBER_INT ? smallInt() : index;
          json.skipChildren();
        }
        case "delta", "message" -> message(value, its, refusal, pieces);
        case "text" -> text(value, its);
        case "logprobs" -> logprobs = LogprobReader.read(json);
        case "finish_reason" -> {
          end = value == JsonToken.VALUE_STRING && json.getTextLength() > 0 ? json.getText() : null;
          json.skipChildren();
        }
        default -> json.skipChildren();
      }
    }
    (end == null ? running : ended).add(index);
    if (index == 0) {
      text = its.toString();
      refused = !refusal.isEmpty();
      tokens = logprobs;
      calls = pieces;
      finish = end;
    }
  }

  private void message(
      JsonToken value, StringBuilder its, StringBuilder refusal, List<Chunk.CallPiece> pieces)
      throws IOException {
    if (value != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken field = json.nextToken();
      switch (name) {
        case "content" -> text(field, its);
        case "refusal" -> text(field, refusal);
        case "tool_calls" -> calls(field, pieces);
        // Everything else that it writes costs tokens too: reasoning, arguments of tools.
        case "role", "id" -> json.skipChildren();
        default -> countStrings(field);
      }
    }
  }

  private void calls(JsonToken value, List<Chunk.CallPiece> pieces) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      countStrings(value);
      return;
    }
    for (JsonToken call = json.nextToken(); call != JsonToken.END_ARRAY; call = json.nextToken()) {
      if (call == JsonToken.START_OBJECT) {
        pieces.add(call());
      } else {
        countStrings(call);
      }
    }
  }

  private Chunk.CallPiece call() throws IOException {
    OptionalInt place = OptionalInt.empty();
    String id = "";
    var function = new Function("", "");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "index" -> {
          place = value == JsonToken.VALUE_NUMBER_INT ? OptionalInt.of(smallInt()) : place;
          countStrings(value);
        }
        case "id" -> id = counted(value);
        case "function" -> function = function(value);
        default -> countStrings(value);
      }
    }
    return new Chunk.CallPiece(place, id, function.name(), function.arguments());
  }

  private Function function(JsonToken value) throws IOException {
    String name = "";
    String arguments = "";
    if (value != JsonToken.START_OBJECT) {
      countStrings(value);
      return new Function(name, arguments);
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken its = json.nextToken();
      switch (field) {
        case "name" -> name = counted(its);
        case "arguments" -> arguments = counted(its);
        default -> countStrings(its);
      }
    }
    return new Function(name, arguments);
  }

  /** A string; empty for what is none. */
  private String counted(JsonToken value) throws IOException {
    String its = value == JsonToken.VALUE_STRING ? json.getText() : "";
    countStrings(value);
    return its;
  }

  private void countStrings(JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      written += json.getTextLength();
    } else if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
      int depth = 1;
      while (depth > 0) {
        switch (json.nextToken()) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case VALUE_STRING -> written += json.getTextLength();
          case null -> throw new IOException("it ends too early");
          default -> {}
        }
      }
    }
  }

  /** That it tells of an error: what it says is for {@link ToldError}. */
  private void error(JsonToken value) throws IOException {
    failed |= value == JsonToken.VALUE_STRING && json.getTextLength() > 0;
    if (value.isStructStart()) {
      // An empty one says nothing.
      while (!json.nextToken().isStructEnd()) {
        failed = true;
        json.skipChildren();
      }
    }
  }

  /** Text; what is another form of it (a list of parts) is counted only. */
  private void text(JsonToken value, StringBuilder its) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      its.append(json.getText());
    }
    countStrings(value);
  }

  private int smallInt() throws IOException {
    return json.getNumberType() == JsonParser.NumberType.INT ? json.getIntValue() : 0;
  }

  static void require(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException(what);
    }
  }
}
