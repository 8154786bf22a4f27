package dev.tutti.decoder.runtime.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tutti.decoder.runtime.openai.Edits.Edit;
import dev.tutti.kit.grpc.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A caller's request on its way to an endpoint: {@code model} becomes the endpoint's name for it,
 * and a stream is asked for its usage; every other byte stays as it is. Immutable.
 */
final class RequestBody implements EndpointBody {

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();
  private static final byte[] INCLUDE_USAGE = ascii("\"include_usage\":true");
  private static final String USAGE_FIELD = "stream_options";

  private final byte[] source;
  private final List<Edit> edits;
  private final Optional<Edit> usage;
  private final boolean stream;
  private final boolean usageAsked;

  private RequestBody(
      byte[] source, List<Edit> edits, Optional<Edit> usage, boolean stream, boolean usageAsked) {
    this.source = source;
    this.edits = List.copyOf(edits);
    this.usage = usage;
    this.stream = stream;
    this.usageAsked = usageAsked;
  }

  /** All that is sent. */
  byte[] bytes() {
    return bytes(Set.of());
  }

  /** Whether it asks for a stream. */
  boolean stream() {
    return stream;
  }

  /** Whether its caller asked for the usage of the stream. */
  boolean usageAsked() {
    return usageAsked;
  }

  /** The caller's own request, but with the endpoint's name of the model. */
  byte[] plain() {
    return Edits.apply(source, edits);
  }

  @Override
  public Set<String> added(Set<String> without) {
    return usage.isEmpty() || without.contains(USAGE_FIELD) ? Set.of() : Set.of(USAGE_FIELD);
  }

  @Override
  public byte[] bytes(Set<String> without) {
    if (usage.isEmpty() || without.contains(USAGE_FIELD)) {
      return plain();
    }
    var all = new ArrayList<>(edits);
    all.add(usage.get());
    return Edits.apply(source, all);
  }

  /**
   * Rewrites a request.
   *
   * @param given a JSON object
   * @param model name at the endpoint
   * @throws dev.tutti.kit.grpc.FailureException when it is no JSON object, or names one of these
   *     fields twice or with another type
   */
  static RequestBody rewrite(byte[] given, String model) {
    byte[] body = ByteOrderMark.skip(given);
    // The parser by itself takes other encodings, whose offsets mean something else.
    boolean utf8 = body.length > 1 && body[0] > 0 && body[1] > 0;
    try (JsonParser json = JSON.createParser(body)) {
      ChunkReader.require(utf8, "not UTF-8");
      return new Rewriter(json).rewrite(body, model);
    } catch (IOException e) {
      throw Failure.invalid("wire.body", "The body is no JSON object.");
    }
  }

  private static final class Rewriter {

    private final JsonParser json;
    private final List<Edit> edits = new ArrayList<>();
    private boolean named;
    private boolean streamSeen;
    private boolean stream;
    private boolean optionsSeen;
    private boolean usageAsked;
    private boolean empty = true;
    private Edit usageEdit;

    Rewriter(JsonParser json) {
      this.json = json;
    }

    RequestBody rewrite(byte[] body, String model) throws IOException {
      ChunkReader.require(json.nextToken() == JsonToken.START_OBJECT, "no object");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        empty = false;
        String name = json.currentName();
        JsonToken value = json.nextToken();
        int from = tokenStart();
        switch (name) {
          case "model" -> {
            requireOnce(!named, "model");
            named = true;
            json.skipChildren();
            edits.add(new Edit(from, end(), quoted(model)));
          }
          case "stream" -> {
            requireOnce(!streamSeen, "stream");
            streamSeen = true;
            stream = value == JsonToken.VALUE_TRUE;
            json.skipChildren();
          }
          case "stream_options" -> {
            requireOnce(!optionsSeen, "stream_options");
            optionsSeen = true;
            options(value, from);
          }
          default -> json.skipChildren();
        }
      }
      int close = tokenStart();
      ChunkReader.require(json.nextToken() == null, "something follows");
      if (stream && !usageAsked) {
        if (usageEdit == null) {
          usageEdit =
              new Edit(
                  close, close, join(ascii(",\"stream_options\":{"), INCLUDE_USAGE, ascii("}")));
        }
      }
      if (!named) {
        edits.add(
            new Edit(
                close, close, join(ascii(empty ? "\"model\":" : ",\"model\":"), quoted(model))));
      }
      return new RequestBody(
          body,
          edits,
          stream && !usageAsked ? Optional.of(usageEdit) : Optional.empty(),
          stream,
          usageAsked);
    }

    /** Notes how to ask for the usage where the caller did not. */
    private void options(JsonToken value, int from) throws IOException {
      if (value != JsonToken.START_OBJECT) {
        json.skipChildren();
        usageEdit = new Edit(from, end(), join(ascii("{"), INCLUDE_USAGE, ascii("}")));
        return;
      }
      boolean others = false;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken option = json.nextToken();
        int start = tokenStart();
        json.skipChildren();
        if (name.equals("include_usage")) {
          requireOnce(usageEdit == null && !usageAsked, "stream_options.include_usage");
          usageAsked = option == JsonToken.VALUE_TRUE;
          usageEdit = new Edit(start, end(), ascii("true"));
        }
        others = true;
      }
      if (usageEdit == null) {
        int close = tokenStart();
        usageEdit =
            new Edit(close, close, others ? join(ascii(","), INCLUDE_USAGE) : INCLUDE_USAGE);
      }
    }

    private int tokenStart() {
      return Math.toIntExact(json.currentTokenLocation().getByteOffset());
    }

    private int end() throws IOException {
      // Strings and numbers are read lazily: only then is their end known.
      json.finishToken();
      return Math.toIntExact(json.currentLocation().getByteOffset());
    }
  }

  private static void requireOnce(boolean holds, String field) {
    if (!holds) {
      throw Failure.invalid(field, "The body names '%s' twice.".formatted(field));
    }
  }

  private static byte[] quoted(String text) {
    return ascii("\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
