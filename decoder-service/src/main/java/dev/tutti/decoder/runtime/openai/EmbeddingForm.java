package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tutti.decoder.runtime.openai.Edits.Edit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** In which of OpenAI's two forms embeddings are written; servers do not always heed the wish. */
enum EmbeddingForm {
  /** A list of numbers. */
  FLOAT,
  /** Base64 of 32-bit floats, the lowest byte first. */
  BASE64;

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * What a request asks for; empty where it is a form that only its endpoint knows.
   *
   * @param request a JSON object
   * @throws IOException when it is none
   */
  static Optional<EmbeddingForm> asked(byte[] request) throws IOException {
    try (JsonParser json = JSON.createParser(request)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("encoding_format") && value != JsonToken.VALUE_NULL) {
          return switch (json.getValueAsString("")) {
            case "float" -> Optional.of(FLOAT);
            case "base64" -> Optional.of(BASE64);
            default -> Optional.empty();
          };
        }
        json.skipChildren();
      }
    }
    return Optional.of(FLOAT);
  }

  /**
   * An answer with its embeddings in this form; the same bytes where they are already.
   *
   * @param answer a JSON object
   * @throws IOException when it is none, or an embedding is neither form
   */
  byte[] of(byte[] answer) throws IOException {
    var edits = new ArrayList<Edit>();
    try (JsonParser json = JSON.createParser(answer)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("data") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            entry(json, edits);
          }
        } else {
          json.skipChildren();
        }
      }
    }
    return Edits.apply(answer, edits);
  }

  private void entry(JsonParser json, List<Edit> edits) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      int from = Math.toIntExact(json.currentTokenLocation().getByteOffset());
      if (!name.equals("embedding")) {
        json.skipChildren();
      } else if (this == FLOAT && value == JsonToken.VALUE_STRING) {
        String numbers = numbers(decoded(json.getText()));
        edits.add(edit(from, json, numbers));
      } else if (this == BASE64 && value == JsonToken.START_ARRAY) {
        Optional<List<Float>> values = list(json);
        if (values.isPresent()) {
          edits.add(edit(from, json, "\"" + encoded(values.get()) + "\""));
        }
      } else {
        json.skipChildren();
      }
    }
  }

  private static Edit edit(int from, JsonParser json, String with) {
    int to = Math.toIntExact(json.currentLocation().getByteOffset());
    return new Edit(from, to, with.getBytes(StandardCharsets.US_ASCII));
  }

  /** The numbers of a list; empty for one of lists, which is a vector a token and has no base64. */
  private static Optional<List<Float>> list(JsonParser json) throws IOException {
    var values = new ArrayList<Float>();
    for (JsonToken value = json.nextToken();
        value != JsonToken.END_ARRAY;
        value = json.nextToken()) {
      if (value == JsonToken.START_ARRAY && values.isEmpty()) {
        do {
          json.skipChildren();
        } while (json.nextToken() == JsonToken.START_ARRAY);
        return Optional.empty();
      }
      ChunkReader.require(
          value != null && value.isNumeric(), "an embedding holds what is no number");
      values.add((float) json.getDoubleValue());
    }
    return Optional.of(values);
  }

  private static String encoded(List<Float> values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.size()).order(ByteOrder.LITTLE_ENDIAN);
    values.forEach(bytes::putFloat);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static String numbers(float[] values) {
    var text = new StringBuilder("[");
    for (float value : values) {
      text.append(text.length() > 1 ? "," : "").append(value);
    }
    return text.append(']').toString();
  }

  /**
   * The numbers of an embedding in base64.
   *
   * @throws IOException when it is none
   */
  static float[] decoded(String base64) throws IOException {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IOException("an embedding is no base64", e);
    }
    ChunkReader.require(bytes.length % Float.BYTES == 0, "an embedding ends within a number");
    var values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    for (float value : values) {
      ChunkReader.require(Float.isFinite(value), "an embedding holds what is no number");
    }
    return values;
  }
}
