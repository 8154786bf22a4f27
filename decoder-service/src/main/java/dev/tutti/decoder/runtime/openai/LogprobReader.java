package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Log-probabilities in either of their forms: {@code {"content": [{"token", "logprob", "bytes",
 * "top_logprobs": [...]}]}} of chats, {@code {"tokens": [], "token_logprobs": [], "top_logprobs":
 * [{}]}} of completions.
 */
final class LogprobReader {

  private final JsonParser json;
  private final List<String> texts = new ArrayList<>();
  private final List<Double> values = new ArrayList<>();
  private final List<List<Chunk.Token>> tops = new ArrayList<>();

  private LogprobReader(JsonParser json) {
    this.json = json;
  }

  /** Reads the value at which the parser stands. */
  static List<Chunk.Token> read(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return List.of();
    }
    return new LogprobReader(json).object();
  }

  private List<Chunk.Token> object() throws IOException {
    List<Chunk.Token> chat = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value != JsonToken.START_ARRAY) {
        json.skipChildren();
        continue;
      }
      switch (name) {
        case "content" -> chat = tokens();
        case "tokens" -> {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            texts.add(text());
          }
        }
        case "token_logprobs" -> {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(number());
          }
        }
        case "top_logprobs" -> {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            tops.add(map());
          }
        }
        default -> json.skipChildren();
      }
    }
    return chat != null ? chat : joined();
  }

  private List<Chunk.Token> joined() {
    var tokens = new ArrayList<Chunk.Token>();
    for (int i = 0; i < Math.min(texts.size(), values.size()); i++) {
      // The first token of a prompt has no probability.
      tokens.add(
          new Chunk.Token(
              texts.get(i), null, values.get(i), i < tops.size() ? tops.get(i) : List.of()));
    }
    return tokens;
  }

  private List<Chunk.Token> map() throws IOException {
    var top = new ArrayList<Chunk.Token>();
    if (json.currentToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String text = json.currentName();
        json.nextToken();
        double logprob = number();
        if (!Double.isNaN(logprob)) {
          top.add(new Chunk.Token(text, null, logprob, List.of()));
        }
      }
    } else {
      json.skipChildren();
    }
    return top;
  }

  private List<Chunk.Token> tokens() throws IOException {
    var tokens = new ArrayList<Chunk.Token>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.START_OBJECT) {
        tokens.add(token());
      } else {
        json.skipChildren();
      }
    }
    return tokens;
  }

  /** A number; NaN where it is none. */
  private double number() throws IOException {
    if (json.currentToken() != null && json.currentToken().isNumeric()) {
      return json.getDoubleValue();
    }
    json.skipChildren();
    return Double.NaN;
  }

  /** Text; empty where it is none. */
  private String text() throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    json.skipChildren();
    return "";
  }

  private Chunk.Token token() throws IOException {
    String text = "";
    byte[] bytes = null;
    double logprob = Double.NaN;
    List<Chunk.Token> top = List.of();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "token" -> text = text();
        case "logprob" -> logprob = number();
        case "bytes" -> {
          if (value == JsonToken.START_ARRAY) {
            bytes = bytes();
          } else {
            json.skipChildren();
          }
        }
        case "top_logprobs" -> {
          if (value == JsonToken.START_ARRAY) {
            top = tokens();
          } else {
            json.skipChildren();
          }
        }
        default -> json.skipChildren();
      }
    }
    return new Chunk.Token(text, bytes, logprob, top);
  }

  private byte[] bytes() throws IOException {
    var bytes = new ByteArrayOutputStream();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      bytes.write((int) number());
    }
    return bytes.toByteArray();
  }
}
