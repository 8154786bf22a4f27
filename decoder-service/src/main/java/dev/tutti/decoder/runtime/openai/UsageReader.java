package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads {@code usage} as endpoints tell it. Confined to one thread; used once. */
final class UsageReader {

  /** More tokens than this nobody has read or written: not a number of them. */
  private static final double MOST = 1e15;

  private final JsonParser json;
  private boolean told;
  private long prompt = Chunk.Used.NONE;
  private long completion;
  private long cached;
  private long reasoning;
  private long rejected;
  private long audioPrompt;
  private long audioCompletion;

  private UsageReader(JsonParser json) {
    this.json = json;
  }

  /** The usage that the parser stands at; null where it tells none. */
  static Chunk.Used read(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return null;
    }
    return new UsageReader(json).read();
  }

  private Chunk.Used read() throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "prompt_tokens" -> prompt = told();
        case "completion_tokens" -> completion = told();
        case "prompt_tokens_details" -> details();
        case "completion_tokens_details" -> completionDetails();
        default -> json.skipChildren();
      }
    }
    return told
        ? new Chunk.Used(
            prompt, completion, cached, reasoning, rejected, audioPrompt, audioCompletion)
        : null;
  }

  private long told() throws IOException {
    told = true;
    return count();
  }

  private void details() throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "cached_tokens" -> cached = count();
        case "audio_tokens" -> audioPrompt = count();
        default -> json.skipChildren();
      }
    }
  }

  private void completionDetails() throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "reasoning_tokens" -> reasoning = count();
        case "rejected_prediction_tokens" -> rejected = count();
        case "audio_tokens" -> audioCompletion = count();
        default -> json.skipChildren();
      }
    }
  }

  /** A number of tokens; {@link Chunk.Used#NONE} where it is no such number. */
  private long count() throws IOException {
    switch (json.currentToken()) {
      case VALUE_NULL -> {
        return 0;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        double value = json.getDoubleValue();
        return value >= 0 && value <= MOST && value == Math.rint(value)
            ? (long) value
            : Chunk.Used.NONE;
      }
      default -> {
        json.skipChildren();
        return Chunk.Used.NONE;
      }
    }
  }
}
